# What .ci/run installs from Debian, and from where. To be sourced by bash.

PACKAGES=(  # one line per step of .ci/run that needs them
    python3-venv                                       # the README's test command
    poppler-utils fonts-liberation fonts-dejavu-core   # pictures of workbooks
    wine wine64 locales                                # the Windows Python, in three languages
    postgresql                                         # the slow suites: rows of a database
    chromium libnss3-tools                             # the Office add-in in a browser
)
LIBREOFFICE=(libreoffice-calc-nogui python3-uno)  # 25.2 is in Debian 12's backports only

# Prints the mirror from which apt takes a suite's component main; fails where it takes none.
# Usage: mirror_of FOLDER SUITE, with /etc/apt for FOLDER.
mirror_of() {
    local folder=$1 suite=$2 file files=()
    # As apt does, only files with these two names are read: others are disabled.
    for file in "$folder/sources.list" "$folder"/sources.list.d/*.list \
        "$folder"/sources.list.d/*.sources; do
        [ ! -f "$file" ] || files+=("$file")
    done
    [ "${#files[@]}" -gt 0 ] || return 1
    awk -v suite="$suite" '
        function word_in(text, word) { return index(" " text " ", " " word " ") > 0 }
        function clear(key) { for (key in field) delete field[key]; last = "" }
        function found(uri) {
            sub(/\/$/, "", uri)
            # Others than Debian may name their suites as Debian does.
            if (uri ~ /\/debian$/) { if (mirror == "") mirror = uri }
            else if (other == "") other = uri
        }
        function end_of_stanza(count, uris, i) {
            if (word_in(field["types"], "deb") && word_in(field["suites"], suite) &&
                word_in(field["components"], "main") &&
                tolower(field["enabled"]) !~ /^(no|false|off|0|without|disable)$/) {
                count = split(field["uris"], uris, " ")
                for (i = 1; i <= count; i++) if (uris[i] ~ /^https?:/) found(uris[i])
            }
            clear()
        }
        FNR == 1 { end_of_stanza() }
        { gsub(/[\t\r]/, " "); stanzas = FILENAME ~ /\.sources$/ }
        /^ *#/ { next }
        !stanzas {
            sub(/#.*/, ""); sub(/\[[^]]*\]/, "")
            rest = $0; for (i = 1; i <= 3; i++) sub(/^ *[^ ]+/, "", rest)
            gsub(/ +/, " ", rest)
            if ($1 == "deb" && $2 ~ /^https?:/ && $3 == suite && word_in(rest, "main")) found($2)
            next
        }
        /^ *$/ { end_of_stanza(); next }
        /^ / { field[last] = field[last] " " $0; next }
        {
            last = tolower(substr($0, 1, index($0, ":") - 1))
            field[last] = substr($0, index($0, ":") + 1)
            gsub(/ +/, " ", field[last]); sub(/^ /, "", field[last]); sub(/ $/, "", field[last])
        }
        END {
            end_of_stanza()
            if (mirror == "") mirror = other
            if (mirror == "") exit 1
            print mirror
        }' "${files[@]}"
}

# Adds Debian 12's backports, from the mirror that this machine uses already; fails without one.
# Usage: add_backports FOLDER CODENAME
add_backports() {
    local folder=$1 codename=$2 mirror
    mirror_of "$folder" "$codename-backports" >/dev/null && return 0
    mirror=$(mirror_of "$folder" "$codename") || return 1
    mkdir -p "$folder/sources.list.d"
    echo "deb $mirror $codename-backports main" >"$folder/sources.list.d/$codename-backports.list"
}
