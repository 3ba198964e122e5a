/** Which installed kernel a run would get: the server's own rule, so that the form shows what runs. */
import type { KernelSpecInfo } from '../contract/types';

export interface IKernelWish {
  /** The kernel chosen in the form; blank for the notebook's own. */
  chosen: string;
  /** The kernel that the notebook names, if it names one. */
  notebookKernel: string | null;
  language: string;
}

/** The name that is looked for; null when any kernel of the notebook's language does. */
export function wishedName({
  chosen,
  notebookKernel
}: IKernelWish): string | null {
  return chosen || notebookKernel;
}

/**
 * Find the kernel of a run, undefined when it is not installed.
 *
 * `kernels` has the default first, which is how one of several for a language is chosen.
 */
export function kernelFor(
  kernels: readonly KernelSpecInfo[],
  wish: IKernelWish
): KernelSpecInfo | undefined {
  const name = wishedName(wish);
  return name === null
    ? kernels.find(({ language }) => language === wish.language)
    : kernels.find(kernel => isSameKernel(kernel.name, name));
}

/** Jupyter finds a kernel whatever its capitals. */
export function isSameKernel(one: string | null, two: string | null): boolean {
  return one?.toLowerCase() === two?.toLowerCase();
}
