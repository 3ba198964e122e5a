/** The first tab: what went in, what came out, and what people say about it. */
import '../../style/run_overview.css';

import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { ReactNode } from 'react';

import { formatBytes } from '../components/byte_size';
import { formatDuration } from '../components/duration';
import { formatMoment } from '../components/time_ago';
import { useTrans } from '../components/translation';
import { writeOpen } from '../contract/open_value';
import type { Parameter, Run } from '../contract/types';
import { ChildRuns } from './child_runs';
import { MetricsView } from './metrics_view';
import { Note } from './note';
import type { RunPageStore } from './run_page_store';
import { isOfMlflow, Tags } from './tags';

export interface IOverviewProps {
  store: RunPageStore;
  run: Run;
  rendermime: IRenderMimeRegistry;
  theme: number;
  openRun: (runId: string) => void;
  openSource: () => void;
}

export function Overview(props: IOverviewProps): JSX.Element {
  const { store, run, rendermime, theme } = props;
  const trans = useTrans();
  return (
    <div className="jp-Mlops-Overview">
      <div className="jp-Mlops-Overview-main">
        <Block title={trans.__('Metrics')}>
          <MetricsView store={store} run={run} theme={theme} />
        </Block>
        <ChildRuns store={store} openRun={props.openRun}>
          {children => <Block title={trans.__('Child runs')}>{children}</Block>}
        </ChildRuns>
        <Block title={trans.__('Note')}>
          <Note store={store} run={run} rendermime={rendermime} />
        </Block>
      </div>
      <div className="jp-Mlops-Overview-side">
        <Block title={trans.__('Parameters')}>
          <Parameters run={run} />
        </Block>
        <Block title={trans.__('Tags')}>
          <Tags store={store} run={run} />
        </Block>
        <Block title={trans.__('Details')}>
          <Details {...props} />
        </Block>
      </div>
    </div>
  );
}

function Block({
  title,
  children
}: {
  title: string;
  children: ReactNode;
}): JSX.Element {
  return (
    <section className="jp-Mlops-Block">
      <h3 className="jp-Mlops-Block-title">{title}</h3>
      {children}
    </section>
  );
}

function Parameters({ run }: { run: Run }): JSX.Element {
  const trans = useTrans();
  const { parameters } = run;
  const fromNotebook = run.source_type === 'notebook';
  // One may log to the run of its notebook too, and then leaves its mark.
  const isByClient = run.source_type === 'client' || run.tags.some(isOfMlflow);
  if (parameters.length === 0) {
    return (
      <p className="jp-Mlops-Hint">
        {fromNotebook
          ? trans.__('Ran with the values in the notebook.')
          : trans.__('None were logged.')}
      </p>
    );
  }
  const origins: Record<Parameter['origin'], string | null> = {
    given: null,
    default: trans.__('default'),
    // In the runs of code there are no others.
    logged: fromNotebook ? trans.__('logged by the notebook') : null
  };
  return (
    <table className="jp-Mlops-Table">
      <tbody>
        {parameters.map(parameter => (
          <tr
            key={parameter.key}
            className="jp-Mlops-Parameter"
            data-origin={parameter.origin}
          >
            <th scope="row">{parameter.key}</th>
            <td className="jp-Mlops-Code">
              {parameter.secret ? (
                <span title={trans.__('A secret is never stored.')}>•••</span>
              ) : // MLflow's clients send text only: quotes would tell nothing.
              isByClient && parameter.origin === 'logged' ? (
                String(parameter.value)
              ) : (
                writeOpen(parameter.value)
              )}
              {origins[parameter.origin] && (
                <span className="jp-Mlops-Parameter-origin">
                  {origins[parameter.origin]}
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Details({ run, openRun, openSource }: IOverviewProps): JSX.Element {
  const trans = useTrans();
  const { parent_run_id, rerun_of } = run;
  const isFile = run.source_type === 'notebook' || run.source_type === 'client';
  const link = (runId: string): JSX.Element => (
    <button
      type="button"
      className="jp-Mlops-Link"
      onClick={() => openRun(runId)}
    >
      {runId.slice(0, 8)}
    </button>
  );
  const rows: [string, ReactNode][] = [
    [trans.__('Experiment'), run.experiment],
    [
      trans.__('Notebook'),
      run.notebook && isFile ? (
        <button type="button" className="jp-Mlops-Link" onClick={openSource}>
          {run.notebook}
        </button>
      ) : (
        run.notebook
      )
    ],
    [trans.__('Repeats'), rerun_of && link(rerun_of)],
    [trans.__('Parent run'), parent_run_id && link(parent_run_id)],
    [trans.__('User'), run.user],
    [trans.__('Kernel'), run.kernel_name],
    [
      trans.__('Queued'),
      run.source_type === 'notebook' && formatMoment(run.created_at, trans)
    ],
    [
      trans.__('Started'),
      run.started_at && formatMoment(run.started_at, trans)
    ],
    [trans.__('Ended'), run.ended_at && formatMoment(run.ended_at, trans)],
    [
      trans.__('Time limit'),
      run.time_limit && formatDuration(run.time_limit * 1000)
    ],
    [
      trans.__('Processor time'),
      run.cpu_seconds !== null && formatDuration(run.cpu_seconds * 1000)
    ],
    [
      trans.__('Peak memory'),
      run.peak_memory_bytes ? formatBytes(run.peak_memory_bytes) : null
    ],
    [trans.__('Autolog with MLflow'), run.autolog && trans.__('on')],
    [trans.__('Copy saved to'), run.save_to],
    [trans.__('Secrets masked'), run.secrets_masked || null],
    [trans.__('Run id'), <code key="id">{run.run_id}</code>]
  ];
  return (
    <dl className="jp-Mlops-Facts">
      {rows
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
