/** One change at a time: whether the server is being asked, and what it refused. */
import { useCallback, useRef, useState } from 'react';

import { errorMessage } from '../contract/errors';

export interface IChange {
  /** Whether an answer is awaited; buttons rest meanwhile. */
  readonly isBusy: boolean;
  /** What the last attempt met with. */
  readonly problem: string;
  readonly setProblem: (text: string) => void;
  /** Make the change, unless one is under way; whether it was made. */
  readonly make: (
    call: () => Promise<void>,
    explain?: (reason: unknown) => string
  ) => Promise<boolean>;
}

export function useChange(): IChange {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const isUnderWay = useRef(false);
  const make = useCallback(
    async (
      call: () => Promise<void>,
      explain: (reason: unknown) => string = errorMessage
    ): Promise<boolean> => {
      if (isUnderWay.current) {
        return false;
      }
      isUnderWay.current = true;
      setBusy(true);
      try {
        await call();
        setProblem('');
        return true;
      } catch (reason) {
        setProblem(explain(reason));
        return false;
      } finally {
        isUnderWay.current = false;
        setBusy(false);
      }
    },
    []
  );
  return { isBusy, problem, setProblem, make };
}
