import type { ComponentChildren } from "preact";

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.4"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const AccountIcon = () => (
  <Icon>
    <circle cx="8" cy="5.6" r="2.6" />
    <path d="M2.9 13.4c.5-2.7 2.6-4.1 5.1-4.1s4.6 1.4 5.1 4.1" />
  </Icon>
);

export const ChevronIcon = () => (
  <Icon>
    <path d="m6 4 4 4-4 4" />
  </Icon>
);

export const CloseIcon = () => (
  <Icon>
    <path d="m4 4 8 8M12 4l-8 8" />
  </Icon>
);

export const EmptyIcon = () => (
  <Icon>
    <path d="M4 2h5l3 3v9H4zM9 2v3h3" />
  </Icon>
);

export const ListIcon = () => (
  <Icon>
    <path d="M2.5 4h11M2.5 8h11M2.5 12h7" />
  </Icon>
);

export const MoreIcon = () => (
  <Icon>
    <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" stroke-width="2.2" />
  </Icon>
);

export const NewFolderIcon = () => (
  <Icon>
    <path d="M2 12.5v-9h4l1.5 2H14v2M2 12.5h6M12 9.5v5M9.5 12h5" />
  </Icon>
);

export const PeopleIcon = () => (
  <Icon>
    <circle cx="6" cy="5.5" r="2.3" />
    <path d="M1.8 13c.3-2.6 2-4 4.2-4s3.9 1.4 4.2 4M10.5 3.400a2.3 2.3 0 0 1 0 4.200M12 9.400c1.3.6 2 1.9 2.2 3.6" />
  </Icon>
);

export const PlusIcon = () => (
  <Icon>
    <path d="M8 3v10M3 8h10" />
  </Icon>
);

export const UploadIcon = () => (
  <Icon>
    <path d="M8 10.500v-7M5 6.300l3-3 3 3M3 10.500v2.500h10v-2.5" />
  </Icon>
);

export const AutoThemeIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="5.2" />
    <path d="M8 2.8a5.2 5.2 0 0 1 0 10.4z" fill="currentColor" />
  </Icon>
);

export const LightThemeIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="2.6" />
    <path d="M8 1.8v1.4M8 12.8v1.4M1.8 8h1.4M12.8 8h1.4M3.6 3.6l1 1M11.4 11.4l1 1M3.6 12.4l1-1M11.4 4.6l1-1" />
  </Icon>
);

export const DarkThemeIcon = () => (
  <Icon>
    <path d="M13 9.6A5.4 5.4 0 0 1 6.4 3a5.4 5.4 0 1 0 6.6 6.6z" />
  </Icon>
);

/** The product's mark, in its own colours. */
export const Mark = () => (
  <svg class="mark" viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
    <rect width="32" height="32" rx="8" fill="#3d4bd1" />
    <path d="M18.4 4.5 8.2 17.6h6.3l-1.9 9.9 11.2-14.2h-6.7z" fill="#ffd45c" />
  </svg>
);
