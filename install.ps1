#Requires -Version 5.1
<#
.SYNOPSIS
Installs xlhedge for Excel, for the current user, without administrator rights.

.DESCRIPTION
Makes a Python environment in %LOCALAPPDATA%\xlhedge, installs xlhedge and its packages into it,
builds the add-in there and has Excel load it. It can be run again at any time; what is in place stays.
Nothing outside the user's own folders and the user's own part of the registry is written, and no
setting of macro security is touched. -WhatIf says what would be done.

Exit codes: 0 done; 1 failed; 2 no suitable Python; 3 the packages could not be installed;
4 Excel is running; 5 installed, but the self-test failed; 6 the doctor found a problem (Status);
7 the folder holds an environment that is not ours.

.PARAMETER Action
Install; Repair, which makes the environment anew; Uninstall; Status, which runs the doctor.

.PARAMETER Wheelhouse
Folder with all wheels, for a machine without internet. Without it, the wheel of xlhedge is expected
beside this script and the other packages come from pip's index. Either way only files are installed
whose hash stands in requirements-windows.txt, which lies beside this script.

.PARAMETER Python
Path of the python.exe to use: 64-bit, of a version that the list of packages is made for, not from
the Microsoft Store.

.PARAMETER Folder
Where to install. Choose a folder with plain letters when the user's name has others.

.PARAMETER Templates
Where to copy the template workbooks to.

.PARAMETER Names
both: BETA and XLH_BETA are the same function; prefixed: only the names that begin with XLH_.

.PARAMETER Trust
Also makes the folder a Trusted Location of Excel. Not needed as a rule.

.EXAMPLE
powershell -ExecutionPolicy Bypass -File install.ps1

.EXAMPLE
powershell -ExecutionPolicy Bypass -File install.ps1 -Wheelhouse D:\wheels -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Low')]
param(
    [ValidateSet('Install', 'Repair', 'Uninstall', 'Status')]
    [string] $Action = 'Install',
    [string] $Wheelhouse = '',
    [string] $Python = '',
    [string] $Folder = (Join-Path -Path $env:LOCALAPPDATA -ChildPath 'xlhedge'),
    [string] $Templates = '',
    [ValidateSet('both', 'prefixed')]
    [string] $Names = 'both',
    [switch] $Trust
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$Version = '0.1.0'
$Lock = 'requirements-windows.txt'
$PythonVersions = '3.14', '3.13', '3.12', '3.11'
$Marker = 'made-by-xlhedge.txt'
$Done, $Failed, $NoPython, $NoPackages, $ExcelRuns, $NoAnswer, $NotOurs = 0, 1, 2, 3, 4, 5, 7

# PowerShell 5.1 hands a path that ends in a backslash and holds a blank to programs with a quote too
# many, and gets it so from cmd.exe.
function Format-Folder([string] $Path) {
    $plain = $Path.Trim('"')
    if ($plain -match '^[A-Za-z]:\\$') { return $plain }
    return $plain.TrimEnd('\')
}

$Folder = Format-Folder -Path $Folder
$Templates = Format-Folder -Path $Templates
$Wheelhouse = Format-Folder -Path $Wheelhouse
$Environment = Join-Path -Path $Folder -ChildPath 'venv'
$EnvironmentPython = Join-Path -Path $Environment -ChildPath 'Scripts\python.exe'
$Logs = Join-Path -Path $env:LOCALAPPDATA -ChildPath 'xlhedge\Logs'
$LockPath = Join-Path -Path $PSScriptRoot -ChildPath $Lock
$Office = 'HKCU:\Software\Microsoft\Office'
$Settings = 'HKCU:\Software\VB and VBA Program Settings\xlhedge'

# Whether a python.exe can be used: 64-bit, of a version that the list of packages is made for, and
# with ssl, which conda's lacks outside its own prompt. The Store's is a stub that Excel cannot start.
function Test-Python([string] $Path) {
    if ($Path -like '*\WindowsApps\*') { return $false }
    if (-not (Test-Path -LiteralPath $Path -PathType Leaf)) { return $false }
    $ask = "import sys; exec('try:\n import ssl\nexcept ImportError:\n sys.exit(1)'); " +
        "sys.exit('%d.%d' % sys.version_info[:2] not in sys.argv[1:] or sys.maxsize < 2**32)"
    try {
        $null = & $Path -I -c $ask @PythonVersions
        return $LASTEXITCODE -eq 0
    }
    catch { return $false }
}

# Where the Pythons of a version are: those that the registry lists, for the user and for all users.
function Get-RegisteredPython([string] $Number) {
    foreach ($hive in 'HKCU:', 'HKLM:') {
        foreach ($name in $Number, "$Number-64") {
            $key = "$hive\Software\Python\PythonCore\$name\InstallPath"
            $place = Get-ItemProperty -Path $key -ErrorAction SilentlyContinue
            if ($place -and $place.PSObject.Properties['ExecutablePath']) { $place.ExecutablePath }
        }
    }
}

# The Python that was named, else the newest that can be used, else the first on the search path.
function Find-Python {
    if ($Python) {
        if (Test-Python -Path $Python) { return $Python }
        return ''
    }
    foreach ($number in $PythonVersions) {
        foreach ($candidate in @(Get-RegisteredPython -Number $number)) {
            if (Test-Python -Path $candidate) { return $candidate }
        }
    }
    $onPath = @(Get-Command -Name 'python.exe' -CommandType Application -All -ErrorAction SilentlyContinue)
    foreach ($command in $onPath) {
        if (Test-Python -Path $command.Source) { return $command.Source }
    }
    return ''
}

# Runs a Python and gives its exit code; what it prints goes to the host.
function Invoke-Python([string] $Path, [string[]] $Arguments) {
    & $Path -I @Arguments | Out-Host
    return $LASTEXITCODE
}

# What every call of xlhedge.windows is told about places.
function Get-PlaceArgument {
    $arguments = @('--home', $Folder)
    if ($Templates) { $arguments += @('--templates', $Templates) }
    return $arguments
}

# The file of xlhedge itself, in the wheelhouse or beside this script. It is installed by its path and
# never by its name, so that no index can put another in its place.
function Find-Wheel {
    $place = $PSScriptRoot
    if ($Wheelhouse) { $place = $Wheelhouse }
    $found = @(Get-ChildItem -LiteralPath $place -Filter "xlhedge-$Version-*.whl" -ErrorAction SilentlyContinue)
    if ($found.Count -eq 0) { return '' }
    return $found[0].FullName
}

# Makes the environment and installs the packages. The work is done by prepare.py inside the wheel,
# which needs no package; it writes all that pip says into install.log.
function Install-Environment {
    $wheel = Find-Wheel
    if (-not $wheel) {
        Write-Warning -Message ("xlhedge-$Version-py3-none-any.whl was not found: put it beside this " +
            'script, or name the folder that holds it with -Wheelhouse.')
        return $NoPackages
    }
    if (-not (Test-Path -LiteralPath $LockPath -PathType Leaf)) {
        Write-Warning -Message "$Lock was not found: put it beside this script."
        return $NoPackages
    }
    $base = Find-Python
    if (-not $base) {
        Write-Warning -Message ("No suitable Python was found. The packages are made for the 64-bit " +
            "Python $($PythonVersions -join ', '): get one from python.org, with its install manager " +
            'by "py install 3.13", and run this again; or name one with -Python.')
        return $NoPython
    }
    Out-Host -InputObject "Python: $base"
    $start = 'import sys; sys.path.insert(0, sys.argv[1]); import prepare; ' +
        'sys.exit(prepare.main(sys.argv[2:]))'
    $arguments = @('-c', $start, "$wheel\xlhedge\windows", '--home', $Folder, '--lock', $LockPath,
        '--wheel', $wheel, '--log', (Join-Path -Path $Logs -ChildPath 'install.log'))
    if ($Wheelhouse) { $arguments += @('--wheelhouse', $Wheelhouse) }
    if ($Action -eq 'Repair') { $arguments += '--anew' }
    if ($PSCmdlet.ShouldProcess($Environment, "Make a Python environment with $base and install $wheel")) {
        return Invoke-Python -Path $base -Arguments $arguments
    }
    return $Done
}

function Install-AddIn {
    $arguments = @('-m', 'xlhedge.windows', $Action.ToLowerInvariant()) + (Get-PlaceArgument)
    $arguments += @('--names', $Names)
    if ($Trust) { $arguments += '--trust' }
    if (-not $PSCmdlet.ShouldProcess($Folder, 'Build the add-in, copy the templates, register')) {
        return $Done
    }
    $code = Invoke-Python -Path $EnvironmentPython -Arguments $arguments
    if ($code -ne 0) { return $code }
    $test = @('-m', 'xlhedge.windows', 'selftest') + (Get-PlaceArgument)
    if ((Invoke-Python -Path $EnvironmentPython -Arguments $test) -ne 0) { return $NoAnswer }
    Out-Host -InputObject 'Start Excel: the ribbon has a tab xlhedge, and =XLHEDGE_VERSION() answers.'
    return $Done
}

# Takes the add-in out of Excel without Python, for when that is gone: Excel would complain at each
# start. The values OPEN, OPEN1, ... must stay without a gap, as Excel stops at the first.
function Unregister-AddIn {
    $found = @(Get-ChildItem -Path $Office -ErrorAction SilentlyContinue |
        Where-Object -FilterScript { $_.PSChildName -match '^\d\d\.0$' })
    foreach ($key in $found) {
        $excel = "$Office\$($key.PSChildName)\Excel"
        Remove-OpenValue -Path "$excel\Options"
        $locations = @(Get-ChildItem -Path "$excel\Security\Trusted Locations" -ErrorAction SilentlyContinue)
        foreach ($location in $locations) {
            $trusted = Get-ItemProperty -Path $location.PSPath
            if (-not $trusted.PSObject.Properties['Description']) { continue }
            if ($trusted.Description -ne 'xlhedge') { continue }
            if ($PSCmdlet.ShouldProcess($location.Name, 'Remove the Trusted Location')) {
                Remove-Item -LiteralPath $location.PSPath
            }
        }
    }
    if ((Test-Path -Path $Settings) -and $PSCmdlet.ShouldProcess($Settings, 'Remove the settings')) {
        Remove-Item -Path $Settings -Recurse
    }
}

function Remove-OpenValue([string] $Path) {
    $values = Get-ItemProperty -Path $Path -ErrorAction SilentlyContinue
    if (-not $values) { return }
    $listed = @($values.PSObject.Properties | ForEach-Object -Process { $_.Name } |
        Where-Object -FilterScript { $_ -match '^OPEN\d*$' } |
        Sort-Object -Property { [int] ('0' + $_.Substring(4)) })
    $kept = @($listed | ForEach-Object -Process { $values.$_ } |
        Where-Object -FilterScript { $_ -notmatch '(^|[\\"])xlhedge\.xlam"?\s*$' })
    if ($kept.Count -eq $listed.Count) { return }
    if (-not $PSCmdlet.ShouldProcess($Path, 'Take the add-in out of Excel')) { return }
    for ($i = 0; $i -lt $listed.Count; $i++) {
        if ($i -lt $kept.Count) {
            Set-ItemProperty -Path $Path -Name $listed[$i] -Value $kept[$i]
        }
        else {
            Remove-ItemProperty -Path $Path -Name $listed[$i]
        }
    }
}

# Removes the files that were installed; those that the user has changed stay, as their hash differs.
function Remove-InstalledFile {
    $manifest = Join-Path -Path $Folder -ChildPath 'installed.json'
    if (-not (Test-Path -LiteralPath $manifest -PathType Leaf)) { return }
    $installed = Get-Content -LiteralPath $manifest -Raw -Encoding UTF8 | ConvertFrom-Json
    foreach ($file in $installed.PSObject.Properties) {
        if (-not (Test-Path -LiteralPath $file.Name -PathType Leaf)) { continue }
        $hash = (Get-FileHash -LiteralPath $file.Name -Algorithm SHA256).Hash
        if ($hash -ne $file.Value) {
            Out-Host -InputObject "kept $($file.Name), as it has been changed"
        }
        elseif ($PSCmdlet.ShouldProcess($file.Name, 'Remove the file')) {
            Remove-Item -LiteralPath $file.Name -Force
        }
    }
    if ($PSCmdlet.ShouldProcess($manifest, 'Remove the file')) {
        Remove-Item -LiteralPath $manifest -Force
    }
}

# The environment is removed only where our own file in it says that it is ours.
function Remove-Environment {
    if (-not (Test-Path -LiteralPath $Environment)) { return }
    if (-not (Test-Path -LiteralPath (Join-Path -Path $Environment -ChildPath $Marker))) {
        Write-Warning -Message "$Environment was not made by this script and is left as it is."
    }
    elseif ($PSCmdlet.ShouldProcess($Environment, 'Remove the folder')) {
        Remove-Item -LiteralPath $Environment -Recurse -Force
    }
}

function Uninstall-All {
    $code = $Failed
    $ours = Test-Path -LiteralPath (Join-Path -Path $Environment -ChildPath $Marker)
    if ($ours -and (Test-Path -LiteralPath $EnvironmentPython)) {
        $arguments = @('-m', 'xlhedge.windows', 'uninstall') + (Get-PlaceArgument)
        if ($PSCmdlet.ShouldProcess($Folder, 'Take the add-in out of Excel and remove its files')) {
            $code = Invoke-Python -Path $EnvironmentPython -Arguments $arguments
            if ($code -eq $ExcelRuns) { return $code }
        }
    }
    if ($code -ne $Done) {
        Unregister-AddIn
        Remove-InstalledFile
    }
    Remove-Environment
    if ((Test-Path -LiteralPath $Logs) -and $PSCmdlet.ShouldProcess($Logs, 'Remove the folder')) {
        Remove-Item -LiteralPath $Logs -Recurse -Force
    }
    foreach ($part in (Join-Path -Path $Folder -ChildPath 'templates'), $Folder) {
        if ((Test-Path -LiteralPath $part) -and -not (Get-ChildItem -LiteralPath $part -Force)) {
            if ($PSCmdlet.ShouldProcess($part, 'Remove the empty folder')) {
                Remove-Item -LiteralPath $part
            }
        }
    }
    return $Done
}

# Whether this user's Excel runs; on a terminal server other users' are left alone.
function Test-Excel {
    $session = (Get-Process -Id $PID).SessionId
    $running = @(Get-Process -Name 'EXCEL' -ErrorAction SilentlyContinue |
        Where-Object -FilterScript { $_.SessionId -eq $session })
    return $running.Count -gt 0
}

function Invoke-Action {
    if ($Action -eq 'Status') {
        if (-not (Test-Path -LiteralPath $EnvironmentPython)) {
            Write-Warning -Message "xlhedge is not installed in $Folder."
            return $Failed
        }
        return Invoke-Python -Path $EnvironmentPython -Arguments @('-m', 'xlhedge.windows', 'doctor')
    }
    if (Test-Excel) {
        Write-Warning -Message 'Excel is running: close it and run this again.'
        return $ExcelRuns
    }
    if ($Action -eq 'Uninstall') { return Uninstall-All }
    foreach ($step in 'Install-Environment', 'Install-AddIn') {
        $code = & $step
        if ($code -ne $Done) { return $code }
    }
    return $Done
}

$transcribed = -not $WhatIfPreference -and $Action -in 'Install', 'Repair'
if ($transcribed) {
    $null = New-Item -ItemType Directory -Path $Logs -Force
    $null = Start-Transcript -Path (Join-Path -Path $Logs -ChildPath 'transcript.log') -Append
}
$result = $Failed
try {
    $result = Invoke-Action
}
catch {
    Write-Warning -Message "$_"
}
finally {
    if ($transcribed) { $null = Stop-Transcript }
}
exit $result
