# shellcheck shell=bash
# Sourced by the scripts of this directory: where the clients live, which
# node runs them, and the small things that every script needs.

clients_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
clients_home=${CLIENTS_HOME:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/gateway-clients}
node_min=20

die() {
    echo "$(basename "$0"): $*" >&2
    exit 2
}

node_major() {
    local v
    v=$(node --version 2>/dev/null) || v=v0
    v=${v#v}
    echo "${v%%.*}"
}

# A node of at least $node_min becomes the first in PATH.  Debian 12 has 18
# only; npm's package "node" carries a newer binary and needs no root.
ensure_node() {
    local own=$clients_home/node

    [ -x "$own/node_modules/node/bin/node" ] && PATH=$own/node_modules/node/bin:$PATH
    [ "$(node_major)" -ge $node_min ] && return 0

    if ! command -v npm >/dev/null; then
        [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
            die "node $node_min or newer is needed: install nodejs and npm"
        { apt-get update -q &&
            apt-get install -y -q --no-install-recommends nodejs npm; } >&2 ||
            die "apt-get could not install nodejs and npm"
    fi
    [ "$(node_major)" -ge $node_min ] && return 0

    mkdir -p "$own" && echo '{"private":true}' >"$own/package.json"
    (cd "$own" && npm install --no-audit --no-fund --no-package-lock \
        --loglevel=error "node@$node_min" >install.log 2>&1) ||
        die "npm could not install node@$node_min, see $own/install.log"
    PATH=$own/node_modules/node/bin:$PATH
    [ "$(node_major)" -ge $node_min ] || die "$own holds no node $node_min"
}

client_group() { # CLIENT -> the row of "clients" in package.json
    case $1 in
    claude | gemini | codex | opencode | qwen | copilot | continue | aider) echo "$1" ;;
    sdk-anthropic | sdk-openai | sdk-openai-responses | sdk-gemini | sdk-ollama) echo sdk ;;
    *) return 1 ;;
    esac
}

# Installs a group once; the stamp holds the versions, and a failed
# installation leaves none.
install_group() { # GROUP
    local dir=$clients_home/$1 pkgs

    mkdir -p "$dir" || return 1
    [ "$1" != aider ] || { install_aider "$dir"; return; }
    mapfile -t pkgs < <(node -p \
        "require('$clients_dir/package.json').clients['$1'].join('\n')")
    (
        flock 9
        [ "$(cat "$dir/.installed" 2>/dev/null)" = "${pkgs[*]}" ] && exit 0
        rm -f "$dir/.installed"
        echo '{"private":true}' >"$dir/package.json"
        cd "$dir" && npm install --no-audit --no-fund --no-package-lock \
            --loglevel=error "${pkgs[@]}" >install.log 2>&1 &&
            printf '%s' "${pkgs[*]}" >.installed
    ) 9>"$dir/.lock" || {
        echo "npm could not install ${pkgs[*]}, see $dir/install.log" >&2
        return 1
    }
}

# aider comes from PyPI and wants a Python that is not too new.
aider=aider-chat==0.86.2

install_aider() { # DIR
    local dir=$1 python

    (
        flock 9
        [ "$(cat "$dir/.installed" 2>/dev/null)" = "$aider" ] && exit 0
        rm -rf "$dir/venv" "$dir/.installed"
        for python in python3.12 python3.11 python3.10 python3; do
            "$python" -c 'import sys, venv, ensurepip
sys.exit(not (3, 10) <= sys.version_info < (3, 13))' 2>/dev/null || continue
            "$python" -m venv "$dir/venv" && "$dir/venv/bin/pip" install -q "$aider" &&
                printf %s "$aider" >"$dir/.installed"
            exit
        done
        echo "no Python 3.10 to 3.12 with venv"
        exit 1
    ) 9>"$dir/.lock" >"$dir/install.log" 2>&1 || {
        echo "aider can't be had: $(tail -n 1 "$dir/install.log")" >&2
        return 1
    }
}

# N ports of 127.0.0.1 that are free now, below the range from which the
# kernel takes the ports of outgoing connections.
free_ports() { # N
    node -e '
        const net = require("node:net");
        let [want, port] = process.argv.slice(1).map(Number);
        const next = () => {
            if (!want) return;
            const s = net.createServer();
            s.once("error", () => { port++; next(); });
            s.listen(port, "127.0.0.1", () => s.close(() => {
                console.log(port++); want--; next();
            }));
        };
        next();' "$1" "${PORT_BASE:-20100}"
}

wait_file() { # FILE PID: until FILE has content; fails when PID is gone
    local i
    for ((i = 0; i < 200; i++)); do
        [ -s "$1" ] && return 0
        kill -0 "$2" 2>/dev/null || return 1
        sleep 0.05
    done
    return 1
}

wait_port() { # PORT PID
    local i
    for ((i = 0; i < 200; i++)); do
        kill -0 "$2" 2>/dev/null || return 1
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
        sleep 0.05
    done
    return 1
}
