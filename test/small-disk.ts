import { spawnSync } from 'node:child_process';

/** A user namespace and mounts of its own: anybody may have them where the kernel allows it. */
export const OWN_MOUNTS = ['--user', '--map-root-user', '--mount'];
/** Longest run of a script, in milliseconds. */
const RUN_MS = 60_000;

/** Why there can be no small disks on this machine; undefined when there can. */
export function findDiskObstacle(): string | undefined {
  const tried = spawnSync('unshare', [...OWN_MOUNTS, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { encoding: 'utf8' });
  if (tried.status === 0) return undefined;
  return tried.error?.message ?? tried.stderr.trim().split('\n').at(-1) ?? 'unshare failed';
}

/**
 * Runs a TypeScript file in a process of its own, which alone sees a tmpfs at the path of its first parameter, and gives
 * the JSON value that it prints. The disk is gone when it ends.
 * @param options of the tmpfs, as `mount` takes them: `size=2m,nr_inodes=200`
 * @throws Error with what the script wrote to stderr, when it fails
 */
export function runOnSmallDisk(script: string, disk: string, options: string, ...parameters: string[]): unknown {
  const mount = `mkdir "$1" && mount -t tmpfs -o ${options} tmpfs "$1" && shift && exec "$@"`;
  const command = [process.execPath, '--import', import.meta.resolve('tsx'), script, disk, ...parameters];
  const { stdout, stderr, status } = spawnSync('unshare', [...OWN_MOUNTS, 'sh', '-c', mount, 'sh', disk, ...command], {
    encoding: 'utf8',
    timeout: RUN_MS,
  });
  if (status !== 0) throw new Error(`${script} ended with ${String(status)}: ${stderr}`);
  return JSON.parse(stdout);
}
