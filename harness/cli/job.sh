
# What follows is the same in every submission. `job.sh references` runs the references once, `job.sh shard`
# judges one shard, `job.sh merge` lays the shards together. A database is written on this machine's own
# disk and comes to the folder whole, by one rename: nobody ever reads half of one, and no database is
# opened on a network's file system. All three may be run again: what is there already is not done twice.
work=$(mktemp -d "${scratch:-${TMPDIR:-/tmp}}/assay.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT

# The file $1 becomes $folder/$2.
into_folder() {
  local part="$folder/.$2.${HOSTNAME:-node}.$$"
  cp "$1" "$part" && mv -f "$part" "$folder/$2" || { rm -f "$part"; return 1; }
}

references() {
  [ -s "$folder/references.db" ] && return 0
  "$assay" run "${run[@]}" --references-only --db "$work/references.db" --quiet
  local code=$?
  [ $code = 0 ] || [ $code = 3 ] || return $code
  into_folder "$work/references.db" references.db
}

# The shard's state as a file beside its database, also where the cluster keeps no record of its own.
state() {
  printf '{"shard":%d,"of":%d,"state":"%s","exit":%s,"node":"%s","job":"%s","restarts":%d,"began":"%s","at":"%s"}\n' \
    "$n" "$shards" "$1" "$2" "${SLURMD_NODENAME:-${HOSTNAME:-}}" "${SLURM_JOB_ID:-}" "${SLURM_RESTART_COUNT:-0}" \
    "$began" "$(date -u +%FT%TZ)" > "$work/state.json"
  into_folder "$work/state.json" "shard-$n.json"
}

# What is judged so far, while the run goes on.
save() {
  rm -f "$work/saved.db"
  "$assay" merge "$work/saved.db" "$work/shard.db" > /dev/null
  case $? in 0 | 3) into_folder "$work/saved.db" "shard-$n.db" ;; *) return 1 ;; esac
}

shard() {
  n=${SLURM_ARRAY_TASK_ID:-$((${JOB_COMPLETION_INDEX:?} + 1))}
  began=$(date -u +%FT%TZ)
  [ -s "$folder/references.db" ] || { echo "job.sh: $folder/references.db is not there" >&2; return 1; }
  cp "$folder/references.db" "$work/references.db" || return 1
  # A shard that was lost goes on from what it had saved.
  if [ -s "$folder/shard-$n.db" ]; then cp "$folder/shard-$n.db" "$work/shard.db" || return 1; fi
  state running null
  "$assay" run "${run[@]}" -j "$cpus" --shard "auto/$shards" --references "$work/references.db" \
    --db "$work/shard.db" --quiet > /dev/null &
  local pid=$! code saved=$SECONDS
  trap 'kill -TERM $pid 2>/dev/null' TERM INT
  while kill -0 $pid 2>/dev/null; do
    sleep 1 & wait $!
    if [ $((SECONDS - saved)) -ge "$save_every" ] && kill -0 $pid 2>/dev/null; then
      save
      saved=$SECONDS
    fi
  done
  wait $pid
  code=$?
  if [ -s "$work/shard.db" ]; then save || { state failed $code; return 1; }; fi
  case $code in
    0 | 3) state ended $code; return 0 ;;
    130 | 143) state stopped $code ;;
    *) state failed $code ;;
  esac
  return $code
}

merge() {
  shopt -s nullglob  # every shard may have been lost
  local databases=("$folder"/references.db "$folder"/shard-*.db)
  if [ -e "$out" ]; then cp "$out" "$work/out.db" || return 1; fi
  "$assay" merge --json --shards "$shards" "$work/out.db" "${databases[@]}" > "$work/merge.json"
  local code=$?
  [ $code = 0 ] || [ $code = 3 ] || return $code
  cp "$work/out.db" "$out.part" && mv -f "$out.part" "$out" && into_folder "$work/merge.json" merge.json || return 1
  return $code
}

cd "$here" || exit 1
case ${1:-} in
  references | shard | merge) "$1" ;;
  *) echo "usage: job.sh references | shard | merge" >&2; exit 2 ;;
esac
