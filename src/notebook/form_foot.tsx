/** The end of a form, which stays in sight; it shows when the form goes on below what is in sight. */
import { type ReactNode, useEffect, useRef, useState } from 'react';

import { useTrans } from '../components/translation';

/** Part of what is in sight that a press goes down by. */
const PAGE = 0.7;

export function FormFoot({ children }: { children: ReactNode }): JSX.Element {
  const trans = useTrans();
  const end = useRef<HTMLDivElement>(null);
  const foot = useRef<HTMLDivElement>(null);
  const [isMore, setIsMore] = useState(false);
  useEffect(() => {
    const form = end.current?.parentElement;
    if (!form) {
      return;
    }
    const scroller = scrollerOf(form);
    const look = (): void => {
      const fields = end.current?.getBoundingClientRect().bottom ?? 0;
      const top = foot.current?.getBoundingClientRect().top ?? 0;
      // Where it sticks, it stands above the end of the fields.
      setIsMore(fields > top + 1);
    };
    const sizes = new ResizeObserver(look);
    sizes.observe(form);
    sizes.observe(scroller);
    scroller.addEventListener('scroll', look, { passive: true });
    return () => {
      sizes.disconnect();
      scroller.removeEventListener('scroll', look);
    };
  }, []);
  const goOn = (): void => {
    const scroller = foot.current && scrollerOf(foot.current);
    scroller?.scrollBy({ top: scroller.clientHeight * PAGE });
  };
  return (
    <>
      <div ref={end} className="jp-Mlops-RunForm-end" />
      <div
        ref={foot}
        className="jp-Mlops-RunForm-foot"
        data-more={isMore || undefined}
      >
        {isMore && (
          // For eye and pointer: the keyboard and screen readers get there by themselves.
          <button
            type="button"
            className="jp-Mlops-RunForm-more"
            tabIndex={-1}
            aria-hidden="true"
            onClick={goOn}
          >
            {trans.__('More below')}
          </button>
        )}
        {children}
      </div>
    </>
  );
}

/** The nearest ancestor that scrolls. */
function scrollerOf(element: HTMLElement): HTMLElement {
  let each: HTMLElement | null = element.parentElement;
  while (each && !/auto|scroll/.test(getComputedStyle(each).overflowY)) {
    each = each.parentElement;
  }
  return each ?? document.documentElement;
}
