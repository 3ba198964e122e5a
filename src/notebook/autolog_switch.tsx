/** The switch above the sections of the panel: whether MLflow logs training by itself. */
import '../../style/components.css';
import '../../style/autolog.css';

import { useEffect, useId, useState } from 'react';

import { useTrans } from '../components/translation';
import { useStore } from '../components/use_store';
import type { IConnectionStore, IPreferencesStore } from '../state/tokens';
import { turnAutolog } from './turn_autolog';

export interface IAutologSwitchProps {
  preferences: IPreferencesStore;
  connection: IConnectionStore;
}

export function AutologSwitch(props: IAutologSwitchProps): JSX.Element | null {
  const { preferences, connection } = props;
  useStore(preferences);
  useStore(connection);
  const trans = useTrans();
  const id = useId();
  // Kernels that run stay as they are: who turns the switch is told, others need not read it.
  const [isTurned, setTurned] = useState(false);
  const { isUsable } = connection;
  useEffect(() => {
    if (isUsable) {
      preferences.need();
    }
  }, [preferences, isUsable]);
  if (!isUsable || !preferences.now) {
    return null;
  }
  const turn = async (autolog: boolean): Promise<void> => {
    setTurned(true);
    setTurned(await turnAutolog(preferences, autolog));
  };
  const { autolog } = preferences.now;
  const help = trans.__(
    'Kernels log parameters, metrics and models of training by themselves when they use a library that MLflow knows.'
  );
  return (
    <div className="jp-Mlops-Autolog" title={help}>
      <input
        id={id}
        type="checkbox"
        role="switch"
        className="jp-Mlops-Switch"
        checked={autolog}
        aria-describedby={`${id}-help ${id}-note`}
        onChange={event => void turn(event.target.checked)}
      />
      <label htmlFor={id}>{trans.__('Autolog with MLflow')}</label>
      <p id={`${id}-help`} className="jp-Mlops-Autolog-help">
        {help}
      </p>
      <p id={`${id}-note`} role="status">
        {!isTurned
          ? ''
          : autolog
            ? trans.__('On in kernels that start from now on.')
            : trans.__('Off in kernels that start from now on.')}
      </p>
    </div>
  );
}
