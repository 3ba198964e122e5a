/** The parts of a browser that jsdom leaves out and JupyterLab's packages touch when they load. */
const { TextDecoder, TextEncoder } = require('node:util');

class SilentObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
  takeRecords() {
    return [];
  }
}

class DragEvent extends MouseEvent {
  constructor(type, init = {}) {
    super(type, init);
    this.dataTransfer = init.dataTransfer ?? null;
  }
}

const missing = {
  DragEvent,
  IntersectionObserver: SilentObserver,
  ResizeObserver: SilentObserver,
  TextDecoder,
  TextEncoder,
  fetch: globalThis.fetch ?? (() => Promise.reject(new Error('no network'))),
  matchMedia: query => ({
    matches: false,
    media: query,
    addEventListener() {},
    removeEventListener() {},
    addListener() {},
    removeListener() {}
  }),
  requestIdleCallback: callback => setTimeout(callback, 0),
  structuredClone: value => JSON.parse(JSON.stringify(value))
};

for (const [name, value] of Object.entries(missing)) {
  if (!(name in globalThis)) {
    Object.defineProperty(globalThis, name, {
      value,
      writable: true,
      configurable: true
    });
  }
}

/** What was copied last; JupyterLab warns when a browser has no clipboard. */
const clipboard = {
  text: '',
  readText: () => Promise.resolve(clipboard.text),
  writeText: text => {
    clipboard.text = text;
    return Promise.resolve();
  }
};

if (!navigator.clipboard) {
  Object.defineProperty(navigator, 'clipboard', {
    value: clipboard,
    configurable: true
  });
}
