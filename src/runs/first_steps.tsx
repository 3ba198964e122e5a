/** The checklist of first steps: what to do next, and a button that shows where. */
import '../../style/components.css';
import '../../style/first_steps.css';

import { useEffect, useId, useState } from 'react';

import { useTrans } from '../components/translation';
import { useStore } from '../components/use_store';
import { type FirstStepsStore, type Step, STEPS } from './first_steps_store';

export interface IFirstStepsProps {
  store: FirstStepsStore;
  show: (step: Step) => void;
  /** Put the checklist away. */
  hide: () => void;
}

export function FirstSteps({
  store,
  show,
  hide
}: IFirstStepsProps): JSX.Element | null {
  useStore(store);
  const trans = useTrans();
  const headingId = useId();
  const [isOpen, setOpen] = useState(true);
  const [chosen, setChosen] = useState<Step | null>(null);
  const { next } = store;
  // Something was done: the list goes on to the next thing.
  useEffect(() => setChosen(null), [next]);
  if (!store.isReady) {
    return null;
  }
  const words = stepWords(trans);
  const count = STEPS.filter(step => store.isDone(step)).length;
  const open = chosen ?? next;
  return (
    <section className="jp-Mlops-FirstSteps" aria-labelledby={headingId}>
      <div className="jp-Mlops-FirstSteps-head">
        <button
          type="button"
          className="jp-Mlops-FirstSteps-title"
          id={headingId}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          <span className="jp-Mlops-FirstSteps-caret" aria-hidden="true" />
          {trans.__('First steps')}
        </button>
        <span className="jp-Mlops-FirstSteps-count" role="status">
          {trans.__('%1 of %2', count, STEPS.length)}
        </span>
        <button
          type="button"
          className="jp-Mlops-Link"
          onClick={hide}
          title={trans.__('The command palette brings the first steps back')}
        >
          {trans.__('Hide')}
        </button>
      </div>
      {isOpen && (
        <>
          <ol className="jp-Mlops-FirstSteps-list">
            {STEPS.map(step => (
              <li
                key={step}
                data-done={store.isDone(step) || undefined}
                aria-current={step === open ? 'step' : undefined}
              >
                <Mark isDone={store.isDone(step)} />
                <div>
                  {step === open || store.isDone(step) ? (
                    <span className="jp-Mlops-FirstSteps-name">
                      {words[step].title}
                    </span>
                  ) : (
                    <button
                      type="button"
                      className="jp-Mlops-FirstSteps-name"
                      onClick={() => setChosen(step)}
                    >
                      {words[step].title}
                    </button>
                  )}
                  <span className="jp-Mlops-Hidden">
                    {store.isDone(step) ? trans.__('(done)') : ''}
                  </span>
                  {step === open && (
                    <div className="jp-Mlops-FirstSteps-body">
                      <p>{words[step].text}</p>
                      <button
                        type="button"
                        className="jp-Mlops-Button"
                        onClick={() => show(step)}
                      >
                        {trans.__('Show me')}
                        <span className="jp-Mlops-Hidden">
                          {`: ${words[step].title}`}
                        </span>
                      </button>
                    </div>
                  )}
                </div>
              </li>
            ))}
          </ol>
          {store.isComplete && (
            <p className="jp-Mlops-FirstSteps-end">
              {trans.__('All done: the rest is yours.')}
            </p>
          )}
        </>
      )}
    </section>
  );
}

function Mark({ isDone }: { isDone: boolean }): JSX.Element {
  return (
    <svg
      className="jp-Mlops-FirstSteps-mark"
      viewBox="0 0 16 16"
      aria-hidden="true"
      focusable="false"
    >
      <circle cx="8" cy="8" r="6.2" />
      {isDone && <path d="M4.9 8.3l2.1 2.1 4.1-4.4" />}
    </svg>
  );
}

function stepWords(
  trans: ReturnType<typeof useTrans>
): Readonly<Record<Step, { title: string; text: string }>> {
  return {
    run: {
      title: trans.__('Run a notebook'),
      text: trans.__(
        'Its parameters become a form. The notebook itself is never changed.'
      )
    },
    look: {
      title: trans.__('Look at the run'),
      text: trans.__(
        'Curves, executed cells, log, files and environment are on one page.'
      )
    },
    repeat: {
      title: trans.__('Run it with other parameters'),
      text: trans.__(
        'The form starts from the values of a run; change one and run again.'
      )
    },
    failure: {
      title: trans.__('See where a run failed'),
      text: trans.__('A failed run opens at the cell that raised the error.')
    },
    own: {
      title: trans.__('Track code of your own'),
      text: trans.__(
        'A few lines in any notebook or script record a run: no form needed.'
      )
    }
  };
}
