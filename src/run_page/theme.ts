/** Changes of the theme as a number: what is drawn on a canvas has to be drawn again. */
import { useEffect, useState } from 'react';

/** Count the changes that `subscribe` tells of. */
export function useTheme(subscribe: (slot: () => void) => () => void): number {
  const [count, setCount] = useState(0);
  useEffect(() => subscribe(() => setCount(before => before + 1)), [subscribe]);
  return count;
}
