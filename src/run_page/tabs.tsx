/** Tabs after the WAI-ARIA pattern: arrows move, Home and End jump, one tab stop for the list. */
import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react';

export interface ITab {
  id: string;
  label: string;
  /** A count or mark beside the label. */
  badge?: string | null;
  render: () => ReactNode;
}

export interface ITabsProps {
  label: string;
  tabs: readonly ITab[];
  selected: string;
  onSelect: (id: string) => void;
}

/** Show one panel at a time; the others are not in the document. */
export function Tabs({
  label,
  tabs,
  selected,
  onSelect
}: ITabsProps): JSX.Element {
  const prefix = useId();
  const list = useRef<HTMLDivElement>(null);
  const index = Math.max(
    0,
    tabs.findIndex(tab => tab.id === selected)
  );
  const current = tabs[index];

  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = {
      ArrowRight: index + 1,
      ArrowLeft: index - 1,
      Home: 0,
      End: tabs.length - 1
    };
    const next = steps[event.key];
    if (next === undefined) {
      return;
    }
    event.preventDefault();
    const target = tabs[(next + tabs.length) % tabs.length];
    if (target) {
      onSelect(target.id);
      list.current
        ?.querySelector<HTMLElement>(`[data-tab="${target.id}"]`)
        ?.focus();
    }
  };

  return (
    <>
      <div
        className="jp-Mlops-Tabs"
        role="tablist"
        aria-label={label}
        ref={list}
        onKeyDown={onKeyDown}
      >
        {tabs.map(tab => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${prefix}-${tab.id}`}
            data-tab={tab.id}
            className="jp-Mlops-Tab"
            aria-selected={tab.id === current?.id}
            aria-controls={`${prefix}-panel`}
            tabIndex={tab.id === current?.id ? 0 : -1}
            onClick={() => onSelect(tab.id)}
          >
            {tab.label}
            {tab.badge && (
              <span className="jp-Mlops-Tab-badge">{tab.badge}</span>
            )}
          </button>
        ))}
      </div>
      <div
        className="jp-Mlops-TabPanel"
        role="tabpanel"
        id={`${prefix}-panel`}
        aria-labelledby={`${prefix}-${current?.id ?? ''}`}
        data-tab={current?.id}
        tabIndex={-1}
      >
        {current?.render()}
      </div>
    </>
  );
}
