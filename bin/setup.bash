# Sourced by bin/run, bin/test and bin/torture: makes .venv from a lock and finds what only the system has.
# Works with the bash 3.2 of macOS.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
VENV=$ROOT/.venv
PYTHON=$VENV/bin/python
MISSING=""

if [ -d /opt/homebrew/lib ]; then # where macOS does not look for libraries by itself
  export DYLD_FALLBACK_LIBRARY_PATH="/opt/homebrew/lib:/usr/local/lib:/usr/lib"
fi

say() { printf '%s\n' "$@" >&2; }

stop() {
  say "" "$@"
  exit 1
}

# make_environment <lock>: .venv with exactly these packages, and the command `portal` in it.
make_environment() {
  if ! is_recent_enough "$PYTHON"; then
    make_venv
  fi
  if ! cmp -s "$ROOT/$1" "$VENV/.$1"; then
    say "Installing the packages of $1. This happens once."
    "$PYTHON" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$ROOT/$1" >&2 ||
      stop "The packages of $1 could not be installed: see above."
    cp "$ROOT/$1" "$VENV/.$1"
  fi
  make_command
}

make_venv() {
  local python
  python=$(find_python) || stop "The portal needs Python 3.11 or newer, and none was found. Install one (python.org) and run this again."
  say "Making .venv with $("$python" --version)."
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    local version
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    install_packages "python$version-venv" "python@$version" ||
      stop "This Python cannot make virtual environments. Run this line, then start again:" "  $HINT"
  fi
  "$python" -m venv --clear "$VENV" >&2 || stop "The virtual environment could not be made in $VENV: see above."
}

find_python() {
  local name
  for name in python3 python3.13 python3.12 python3.11 python3.14 python; do
    if is_recent_enough "$name"; then
      command -v "$name"
      return
    fi
  done
  return 1
}

is_recent_enough() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# Without a build of the project: a path file makes it importable, a launcher makes it a command.
make_command() {
  local launcher=$VENV/bin/portal packages
  packages=$(echo "$VENV"/lib/python3.*/site-packages)
  if [ "$(cat "$packages/portal.pth" 2>/dev/null)" != "$ROOT" ] || [ ! -x "$launcher" ]; then
    printf '%s\n' "$ROOT" >"$packages/portal.pth"
    {
      printf '%s\n' '#!/bin/sh'
      printf '%s\n' '[ -d /opt/homebrew/lib ] && export DYLD_FALLBACK_LIBRARY_PATH=/opt/homebrew/lib:/usr/local/lib:/usr/lib'
      printf "exec '%s' -P -m tasks.cli \"\$@\"\n" "$(printf '%s' "$PYTHON" | sed "s/'/'\\\\''/g")"
    } >"$launcher"
    chmod +x "$launcher"
  fi
}

# WeasyPrint makes the PDFs and needs Pango from the system.
need_pango() {
  if ! finds_pango; then
    install_packages "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" "pango" ||
      stop "The portal makes its PDFs with Pango, which is missing. Run this line, then start again:" "  $HINT"
    "$PYTHON" -W ignore -c 'import weasyprint' || stop "Pango is installed, and WeasyPrint does not find it: see above."
  fi
}

finds_pango() {
  "$PYTHON" -c '
import ctypes.util, sys
sys.exit(not all(map(ctypes.util.find_library, ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset"))))'
}

# What people write in other alphabets stands on PDFs as well: Cyrillic, Arabic, and Chinese.
need_fonts() {
  if ! writes_all_alphabets; then
    install_packages "fontconfig fonts-noto-core fonts-droid-fallback" "fontconfig font-noto-sans font-noto-sans-arabic font-noto-sans-cjk" ||
      say "Without these fonts, names in other alphabets are blank on PDFs. To install them: $HINT"
  fi
}

writes_all_alphabets() {
  local sign
  command -v fc-list >/dev/null || return
  for sign in 159 438 645 674e; do
    fc-list ":charset=$sign" | grep -q . || return
  done
}

# What the tests need of the system. What cannot be had is kept in MISSING, told to the tests and fails the run.
need_test_tools() {
  need_chromium
  need "redis-server" finds_redis "redis-server" "redis"
  need "poppler-utils (pdftotext, pdftoppm)" finds_poppler "poppler-utils" "poppler"
  need_clamd
  need_fonts
  need "fonts" finds_fonts "fontconfig fonts-liberation fonts-dejavu-core fonts-droid-fallback" "fontconfig"
  export PORTAL_TEST_MISSING=$MISSING
}

need() {
  local name=$1 finds=$2
  "$finds" && return
  if ! install_packages "$3" "$4" || ! "$finds"; then
    miss "$name"
  fi
}

miss() {
  say "Missing for the tests: $1. To install it: $HINT"
  MISSING="$MISSING${MISSING:+, }$1"
}

# The system's, or else the one that Playwright downloads for itself. PORTAL_TEST_CHROMIUM tells the tests which.
# Where there is one that has no window to draw, it: a page costs half.
need_chromium() {
  runs_as_chromium chromium-headless-shell && return
  if ! grep -qs '^ID=ubuntu' /etc/os-release; then # whose package is only a door to its snap
    command -v apt-get >/dev/null && install_packages "chromium-headless-shell" "" &&
      runs_as_chromium chromium-headless-shell && return
    finds_chromium && return
    install_packages "chromium" "--cask google-chrome" && finds_chromium && return
  fi
  finds_chromium && return
  say "Installing Playwright's Chromium."
  if may_be_root; then
    as_root "$PYTHON" -m playwright install-deps chromium >/dev/null 2>&1 || true
  fi
  "$PYTHON" -m playwright install chromium >/dev/null 2>&1 || true
  HINT="$PYTHON -m playwright install --with-deps chromium"
  finds_chromium || miss "Chromium"
}

finds_chromium() {
  local name
  for name in chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    runs_as_chromium "$name" && return
  done
  runs_as_chromium "$("$PYTHON" -c 'from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)' 2>/dev/null)"
}

runs_as_chromium() {
  "$1" --version >/dev/null 2>&1 || return
  PORTAL_TEST_CHROMIUM=$(command -v "$1")
  export PORTAL_TEST_CHROMIUM
}

# Its program only, unpacked beside the packages: installed, it would also run as a service and fetch signatures all day.
need_clamd() {
  finds_clamd && return
  if command -v apt-get >/dev/null; then
    install_packages "libclamav12" "" && unpack_clamd
    HINT="sudo apt-get install -y clamav-daemon"
  else
    install_packages "clamav-daemon" "clamav"
  fi
  finds_clamd || miss "clamd"
}

unpack_clamd() {
  local folder=$VENV/clamd
  mkdir -p "$folder"
  (cd "$folder" && apt-get download -qq clamav-daemon && dpkg -x clamav-daemon_*.deb .) >/dev/null 2>&1
}

finds_clamd() {
  local name
  for name in clamd "$VENV/clamd/usr/sbin/clamd" /usr/sbin/clamd /opt/homebrew/sbin/clamd /usr/local/sbin/clamd; do
    if "$name" --config-file=/dev/null --version >/dev/null 2>&1; then
      PORTAL_TEST_CLAMD=$(command -v "$name")
      export PORTAL_TEST_CLAMD
      return
    fi
  done
  return 1
}

finds_redis() { command -v redis-server >/dev/null; }

finds_poppler() { command -v pdftotext >/dev/null && command -v pdftoppm >/dev/null; }

finds_fonts() { command -v fc-list >/dev/null && fc-list | grep -qiE 'liberation|dejavu|helvetica' && fc-list :charset=674e | grep -q .; }

# install_packages <apt's names> <brew's names>: true if they are installed now. HINT is the line that does it by hand.
install_packages() {
  if command -v apt-get >/dev/null; then
    HINT="sudo apt-get install -y $1"
    may_be_root || return 1
    say "Installing $1."
    apt_install "$1" || { as_root apt-get update -qq >&2 && apt_install "$1"; }
  elif command -v brew >/dev/null; then
    HINT="brew install $2"
    # shellcheck disable=SC2086
    brew install --quiet $2 >&2
  elif [ "$(uname)" = Darwin ]; then
    HINT="brew install $2   (Homebrew itself is at brew.sh)"
    return 1
  else
    HINT="your system's package manager, for what Debian calls $1"
    return 1
  fi
}

apt_install() {
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $1 >/dev/null 2>&1
}

may_be_root() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo -n "$@"
  fi
}
