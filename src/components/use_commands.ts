/** The bridge from commands to React: buttons follow what JupyterLab says of the commands behind them. */
import type { CommandRegistry } from '@lumino/commands';
import { useMemo } from 'react';

import { useStore } from './use_store';

/** Render again whenever a command may have been enabled or disabled. */
export function useCommands(commands: CommandRegistry): void {
  useStore(useMemo(() => ({ changed: commands.commandChanged }), [commands]));
}
