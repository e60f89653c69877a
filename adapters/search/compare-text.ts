/** Code-unit order, as `<` compares strings: the order of ids and of facet values with equal counts. */
export const compareText = (left: string, right: string): number => (left < right ? -1 : Number(left > right));
