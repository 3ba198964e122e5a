import { act } from '@testing-library/react';

/** Let React draw until this holds; inside one `act` nothing would be drawn before its end. */
export async function eventually(test: () => boolean): Promise<void> {
  while (!test()) {
    await act(() => new Promise(resolve => setTimeout(resolve, 2)));
  }
}
