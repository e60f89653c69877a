import { formatCount } from '../format.js';
import { useNavigation } from '../navigation.js';
import { Pager } from '../parts/pager.js';
import { datasetHref, LIST_START, type ListPosition, type ListPositions } from '../route.js';

interface ListPagerProps {
  readonly id: string;
  readonly lists: ListPositions;
  readonly list: keyof ListPositions;
  readonly label: string;
  readonly count: number;
  readonly totalCount: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Pages of one of a dataset's lists; the other keeps its place. "Previous" is the browser's way back. */
export function ListPager({ id, lists, list, label, count, totalCount, pageInfo }: ListPagerProps) {
  const { state } = useNavigation();
  const { after, offset } = lists[list];
  const target = (position: ListPosition) => ({ href: datasetHref(id, { ...lists, [list]: position }), state });
  const { hasNextPage, endCursor } = pageInfo;
  return (
    <Pager
      label={label}
      position={`${formatCount(offset + 1)} to ${formatCount(offset + count)} of ${formatCount(totalCount)}`}
      first={after === undefined ? undefined : target(LIST_START)}
      next={hasNextPage && endCursor !== null ? target({ after: endCursor, offset: offset + count }) : undefined}
    />
  );
}
