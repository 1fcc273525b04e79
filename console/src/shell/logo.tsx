/** The mark: one stream that branches off. */
export function Logo() {
  return (
    <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true" focusable="false" className="logo">
      <rect width="32" height="32" rx="7" />
      <path d="M7 10h7l4 12h7M7 22h5M20 10h5" />
    </svg>
  );
}
