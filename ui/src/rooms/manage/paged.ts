/** How a list of the API is fetched page by page, for `$api.useInfiniteQuery`. */
export const paged = {
  pageParamName: 'cursor',
  // Null, not undefined: that would be sent as a cursor of 0.
  initialPageParam: null as string | null,
  getNextPageParam: (last: { next?: string | null }) => last.next ?? undefined,
};
