interface Props {
  list: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    fetchNextPage: () => Promise<unknown>;
  };
  label?: string;
  /** Shown in place of the label until the next page has come. */
  pending?: string;
}

/** The button for the next page of a list, if there is one. */
export function ShowMore({ list, label = "Show more", pending = label }: Props) {
  if (!list.hasNextPage) return null;
  return (
    <button
      type="button"
      className="button"
      disabled={list.isFetchingNextPage}
      onClick={() => void list.fetchNextPage()}
    >
      {list.isFetchingNextPage ? pending : label}
    </button>
  );
}
