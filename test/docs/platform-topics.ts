/** What differs between systems, as PLATFORMS.md names it, and how the code that depends on it is found. Comments do not count. */
export const platformTopics: Readonly<Record<string, RegExp>> = {
  'name of the system': /process\.platform|NodeJS\.Platform/,
  'files of the kernel': /['"`]\/(?:proc|sys|run)\//,
  devices: /['"`]\/dev\/|'NUL'/,
  signals: /'SIG[A-Z0-9]+'/,
  'processes and hosts': /process\.kill\(|hostname\(\)/,
  'child processes and shells': /from 'node:child_process'|'\/bin\/sh'/,
  'writes that survive a power cut': /fsyncSync|\.sync\(\)|flush: true/,
  'rename and hard link': /\b(?:renameSync|rename|linkSync|link)\b[^;]*?from 'node:fs(?:\/promises)?'/,
  'symbolic links':
    /\b(?:lstatSync|lstat|realpathSync|realpath|readlinkSync)\b[^;]*?from 'node:fs(?:\/promises)?'|O_NOFOLLOW/,
  'FIFOs and devices in place of files': /O_NONBLOCK|\bnoWait\b/,
  'permission bits': /mode: 0o|, 0o[0-7]{3}\b|\bchmod(?:Sync)?\(|\bmode & 0o/,
  owners: /\bgete?uid\b|\bgetegid\b|runningUser/,
  'home and temporary folders': /\b(?:homedir|tmpdir)\b[^;]*?from 'node:os'|APPDATA|XDG_/,
  'upper and lower case': /probeCaseSensitivity|\bCaseGuard\b/,
  'names and lengths of paths': /windowsDevice|pathLimitBytes|maxPathBytes/,
  terminals: /isTTY|setRawMode/,
  keyrings: /@napi-rs\/keyring|keyutils/,
  'cores and memory': /availableParallelism|constrainedMemory|totalmem/,
  'open files': /\bopenFiles\(\)/,
  'service manager': /NOTIFY_SOCKET/,
}
