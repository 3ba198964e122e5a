/** Where the run ran: kernel, machine, state of the code, packages. */
import '../../style/run_environment.css';

import { useCallback, useMemo } from 'react';

import { formatBytes } from '../components/byte_size';
import { EmptyState, ErrorState, LoadingState } from '../components/states';
import { useTrans } from '../components/translation';
import { isNotFound } from '../contract/errors';
import type { Environment, EventType } from '../contract/types';
import type { RunPageStore } from './run_page_store';
import { useKept } from './use_kept';
import { useReading } from './use_news';

const CAPTURED: readonly EventType[] = ['run.logged', 'run.ended'];

export function EnvironmentView({
  store
}: {
  store: RunPageStore;
}): JSX.Element {
  const trans = useTrans();
  const read = useCallback(() => store.api.environment(store.runId), [store]);
  const { value, error, reload } = useReading<Environment>(
    store,
    CAPTURED,
    read
  );
  if (isNotFound(error)) {
    return (
      <EmptyState title={trans.__('Not recorded')}>
        <p>
          {store.isLive
            ? trans.__('The environment is recorded while the run goes on.')
            : trans.__('This run ended before its environment was recorded.')}
        </p>
      </EmptyState>
    );
  }
  if (!value) {
    return error ? (
      <ErrorState error={error} onRetry={reload} />
    ) : (
      <LoadingState label={trans.__('Loading…')} />
    );
  }
  const { git } = value;
  const rows: [string, string | null][] = [
    [trans.__('Kernel'), value.kernel_display_name ?? value.kernel_name],
    [
      trans.__('Language'),
      [value.language, value.language_version].filter(Boolean).join(' ')
    ],
    [trans.__('Interpreter'), value.interpreter],
    [trans.__('System'), value.platform],
    [trans.__('Machine'), value.hostname],
    [
      trans.__('Processor'),
      [
        value.cpu_model,
        value.cpu_count && trans._n('%1 core', '%1 cores', value.cpu_count)
      ]
        .filter(Boolean)
        .join(', ')
    ],
    [
      trans.__('Memory'),
      value.memory_bytes === null ? null : formatBytes(value.memory_bytes)
    ],
    [
      trans.__('Commit'),
      git &&
        [
          git.commit.slice(0, 12),
          git.branch && trans.__('on %1', git.branch),
          git.dirty === null
            ? trans.__('(whether there were changes is unknown)')
            : git.dirty && trans.__('with changes that are not committed')
        ]
          .filter(Boolean)
          .join(' ')
    ],
    [trans.__('Repository'), git?.remote ?? null]
  ];
  return (
    <div className="jp-Mlops-Environment">
      <dl className="jp-Mlops-Facts jp-Mlops-Block">
        {rows
          .filter(([, text]) => text)
          .map(([name, text]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ))}
      </dl>
      <Packages store={store} packages={value.packages} />
    </div>
  );
}

function Packages({
  store,
  packages
}: {
  store: RunPageStore;
  packages: Environment['packages'];
}): JSX.Element {
  const trans = useTrans();
  const [search, setSearch] = useKept(store, 'package filter', '');
  const found = useMemo(() => {
    const text = search.trim().toLowerCase();
    return packages.filter(item => item.name.toLowerCase().includes(text));
  }, [packages, search]);
  return (
    <section className="jp-Mlops-Block">
      <h3 className="jp-Mlops-Block-title">
        {trans._n('%1 package', '%1 packages', packages.length)}
      </h3>
      <input
        type="search"
        className="jp-Mlops-Input"
        aria-label={trans.__('Filter packages')}
        placeholder={trans.__('Filter packages')}
        value={search}
        onChange={event => setSearch(event.target.value)}
      />
      {/* How many are left is read aloud, not all of them with each letter. */}
      <p className="jp-Mlops-Hidden" role="status">
        {search.trim() &&
          trans._n('%1 package found', '%1 packages found', found.length)}
      </p>
      <ul className="jp-Mlops-Packages">
        {found.map(item => (
          <li key={item.name}>
            {item.name} <span>{item.version}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
