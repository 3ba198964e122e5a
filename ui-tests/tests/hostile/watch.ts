/** Sees what hostile content achieves: in the page, around it, and at a listener of its own. */
import type { Locator, Page } from '@playwright/test';

import { Trap } from './trap';

interface IWatched {
  canary?: unknown;
  told?: string[];
}

export class Watch {
  /** Watch a page from now on; whatever has to be written for it may name `origin`. */
  static async over(page: Page): Promise<Watch> {
    const watch = new Watch(page, await Trap.open());
    const { events } = watch;
    page.on('popup', () => events.push('popup'));
    page.on('dialog', dialog => {
      events.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('download', () => events.push('download'));
    page.context().on('serviceworker', () => events.push('service worker'));
    // What a policy blocks never comes as far as here.
    await page.route(
      url => url.href.includes('canary'),
      route => {
        events.push(`request ${route.request().url()}`);
        return route.abort();
      }
    );
    return watch;
  }

  private constructor(
    private readonly _page: Page,
    private readonly _trap: Trap
  ) {}

  /** What happened around the page. */
  readonly events: string[] = [];

  get origin(): string {
    return this._trap.origin;
  }

  /** From here on the page is JupyterLab, and stays that. */
  async settle(): Promise<void> {
    this._address = this._page.url();
    await this._page.evaluate(() => {
      const messages: string[] = [];
      (window as unknown as IWatched).told = messages;
      window.addEventListener('message', event => {
        const text = (event.data as { hostile?: string } | null)?.hostile;
        if (text) {
          messages.push(text);
        }
      });
    });
  }

  /** What frames told the page. */
  told(): Promise<string[]> {
    return this._page.evaluate(
      () => (window as unknown as IWatched).told ?? []
    );
  }

  /** Everything that hostile content has achieved so far. */
  async harm(): Promise<string[]> {
    const inside = await this._page.evaluate(() => {
      const found: string[] = [];
      const marks: [string, boolean][] = [
        ['window', (window as unknown as IWatched).canary !== undefined],
        ['prototype', 'canary' in {}],
        ['name', window.name.includes('canary')],
        ['local storage', localStorage.getItem('canary') !== null],
        ['session storage', sessionStorage.getItem('canary') !== null],
        ['cookie', document.cookie.includes('canary')],
        ['title', document.title.includes('canary')],
        ['document', !document.querySelector('.jp-Mlops-RunPage')]
      ];
      for (const [name, isTouched] of marks) {
        if (isTouched) {
          found.push(name);
        }
      }
      return found;
    });
    const moved = this._page.url() === this._address ? [] : ['address'];
    return [...inside, ...moved, ...this.events, ...this._trap.caught];
  }

  /** How often somebody connected to the listener, be it without a request. */
  get connections(): number {
    return this._trap.connections;
  }

  /** Show that the listener is there: without this, nothing caught would mean nothing. */
  async reachItself(): Promise<string[]> {
    await this._page.evaluate(
      origin => fetch(`${origin}/control`).then(() => undefined),
      this.origin
    );
    return this._trap.caught;
  }

  close(): void {
    this._trap.close();
  }

  private _address = '';
}

/** What must not be in content that stands in the page itself rather than in a frame. */
export function armed(within: Locator): Promise<string[]> {
  return within.evaluateAll(roots => {
    const found: string[] = [];
    for (const root of roots) {
      for (const element of root.querySelectorAll('*')) {
        const tag = element.localName;
        if (/^(script|iframe|object|embed|base|meta|link|style)$/.test(tag)) {
          // MathJax writes its own sheet.
          found.push(tag);
        }
        for (const { name, value } of element.attributes) {
          if (
            /^(on|data-commandlinker|formaction$|srcdoc$|ping$|name$)/.test(name) ||
            (name === 'action' && tag === 'form') ||
            (name === 'id' && value !== '') ||
            (/^(xlink:)?href$/.test(name) &&
              !/^(#|https?:|mailto:)/.test(value)) ||
            (/^(src|srcset|poster|background|data)$/.test(name) &&
              !/^(data:image\/|blob:|attachment:|$)/.test(value)) ||
            (name === 'style' && /url\((?!["']?data:)/i.test(value))
          ) {
            found.push(`${tag} ${name}=${value.slice(0, 60)}`);
          }
        }
      }
    }
    return found;
  });
}
