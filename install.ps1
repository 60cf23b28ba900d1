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
4 Excel is running; 5 installed, but the self-test failed; 6 the doctor found a problem (Status).

.PARAMETER Action
Install; Repair, which makes the environment anew; Uninstall; Status, which runs the doctor.

.PARAMETER Wheelhouse
Folder with all wheels, for a machine without internet. Without it, the wheel of xlhedge is expected
beside this script and the other packages come from pip's index. Either way only files are installed
whose hash stands in requirements-windows.txt, which lies beside this script.

.PARAMETER Python
Path of the python.exe to use: 64-bit, 3.11 or later, not from the Microsoft Store.

.PARAMETER Folder
Where to install. Choose a folder with plain letters when the user's name has others.

.PARAMETER Templates
Where to copy the template workbooks to.

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
    [switch] $Trust
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$Version = '0.1.0'
$Lock = 'requirements-windows.txt'
$Done, $Failed, $NoPython, $NoPackages, $ExcelRuns, $NoAnswer = 0, 1, 2, 3, 4, 5
$Environment = Join-Path -Path $Folder -ChildPath 'venv'
$EnvironmentPython = Join-Path -Path $Environment -ChildPath 'Scripts\python.exe'
$Logs = Join-Path -Path $env:LOCALAPPDATA -ChildPath 'xlhedge\Logs'

# Whether a python.exe can be used; the Store's is a stub that Excel cannot start.
function Test-Python([string] $Path) {
    if ($Path -like '*\WindowsApps\*') { return $false }
    if (-not (Test-Path -LiteralPath $Path -PathType Leaf)) { return $false }
    try {
        $null = & $Path -c 'import sys; sys.exit(not (sys.version_info >= (3, 11) and sys.maxsize > 2**32))'
        return $LASTEXITCODE -eq 0
    }
    catch { return $false }
}

# The first usable Python: the one that was named, else those that the registry lists, newest first,
# else those on the search path.
function Find-Python {
    if ($Python) {
        if (Test-Python -Path $Python) { return $Python }
        return ''
    }
    $found = @()
    foreach ($hive in 'HKCU:', 'HKLM:') {
        $installed = @(Get-ChildItem -Path "$hive\Software\Python\PythonCore" -ErrorAction SilentlyContinue |
            Where-Object -FilterScript { $_.PSChildName -match '^\d+\.\d+$' } |
            Sort-Object -Property { [version] $_.PSChildName } -Descending)
        foreach ($key in $installed) {
            $place = Get-ItemProperty -Path "$($key.PSPath)\InstallPath" -ErrorAction SilentlyContinue
            if ($place -and $place.PSObject.Properties['ExecutablePath']) {
                $found += $place.ExecutablePath
            }
        }
    }
    $found += @(Get-Command -Name 'python.exe' -All -ErrorAction SilentlyContinue |
        ForEach-Object -Process { $_.Source })
    foreach ($candidate in $found) {
        if (Test-Python -Path $candidate) { return $candidate }
    }
    return ''
}

# Runs the Python of the environment and gives its exit code; its output goes to the host.
function Invoke-Environment([string[]] $Arguments) {
    & $EnvironmentPython -I @Arguments | Out-Host
    return $LASTEXITCODE
}

# What every call of xlhedge.windows is told about places.
function Get-PlaceArgument {
    $arguments = @('--home', $Folder)
    if ($Templates) { $arguments += @('--templates', $Templates) }
    return $arguments
}

function Install-Environment {
    $usable = (Test-Path -LiteralPath $EnvironmentPython) -and (Test-Python -Path $EnvironmentPython)
    if ($usable -and $Action -ne 'Repair') { return $Done }
    $base = Find-Python
    if (-not $base) {
        Write-Warning -Message ('No suitable Python was found. Install the 64-bit Python 3.11 or later ' +
            'from python.org, for this user, and run this again; or name it with -Python.')
        return $NoPython
    }
    if ($PSCmdlet.ShouldProcess($Environment, "Make a Python environment with $base")) {
        & $base -m venv --clear $Environment | Out-Host
        if ($LASTEXITCODE -ne 0) { return $NoPython }
    }
    return $Done
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

function Install-Package {
    $wheel = Find-Wheel
    if (-not $wheel) {
        Write-Warning -Message ("xlhedge-$Version-py3-none-any.whl was not found: put it beside this " +
            'script, or name the folder that holds it with -Wheelhouse.')
        return $NoPackages
    }
    $locked = Join-Path -Path $PSScriptRoot -ChildPath $Lock
    if (-not (Test-Path -LiteralPath $locked -PathType Leaf)) {
        Write-Warning -Message "$Lock was not found: put it beside this script."
        return $NoPackages
    }
    $pip = @('-m', 'pip', 'install', '--disable-pip-version-check', '--only-binary', ':all:')
    # The packages, each file by its hash; then xlhedge itself, which brings nothing along.
    $packages = $pip + @('--require-hashes', '--requirement', $locked)
    if ($Wheelhouse) { $packages += @('--no-index', '--find-links', $Wheelhouse) }
    $own = $pip + @('--no-index', '--no-deps', $wheel)
    if ($PSCmdlet.ShouldProcess($Environment, "Install $wheel and the packages of $locked")) {
        if ((Invoke-Environment -Arguments $packages) -ne 0) { return $NoPackages }
        if ((Invoke-Environment -Arguments $own) -ne 0) { return $NoPackages }
    }
    return $Done
}

function Install-AddIn {
    $arguments = @('-m', 'xlhedge.windows', $Action.ToLowerInvariant()) + (Get-PlaceArgument)
    if ($Trust) { $arguments += '--trust' }
    if (-not $PSCmdlet.ShouldProcess($Folder, 'Build the add-in, copy the templates, register')) {
        return $Done
    }
    $code = Invoke-Environment -Arguments $arguments
    if ($code -ne 0) { return $code }
    $test = @('-m', 'xlhedge.windows', 'selftest') + (Get-PlaceArgument)
    if ((Invoke-Environment -Arguments $test) -ne 0) { return $NoAnswer }
    Out-Host -InputObject 'Start Excel: the ribbon has a tab xlhedge, and =XLHEDGE_VERSION() answers.'
    return $Done
}

function Uninstall-All {
    if (-not (Test-Path -LiteralPath $EnvironmentPython)) {
        Write-Warning -Message "xlhedge is not installed in $Folder."
        return $Done
    }
    $arguments = @('-m', 'xlhedge.windows', 'uninstall') + (Get-PlaceArgument)
    if ($PSCmdlet.ShouldProcess($Folder, 'Take the add-in out of Excel and remove its files')) {
        $code = Invoke-Environment -Arguments $arguments
        if ($code -ne 0) { return $code }
    }
    foreach ($part in $Environment, $Logs) {
        if ((Test-Path -LiteralPath $part) -and $PSCmdlet.ShouldProcess($part, 'Remove the folder')) {
            Remove-Item -LiteralPath $part -Recurse -Force
        }
    }
    if ((Test-Path -LiteralPath $Folder) -and -not (Get-ChildItem -LiteralPath $Folder -Force)) {
        if ($PSCmdlet.ShouldProcess($Folder, 'Remove the folder')) {
            Remove-Item -LiteralPath $Folder
        }
    }
    return $Done
}

function Invoke-Action {
    if ($Action -eq 'Status') {
        if (-not (Test-Path -LiteralPath $EnvironmentPython)) {
            Write-Warning -Message "xlhedge is not installed in $Folder."
            return $Failed
        }
        return Invoke-Environment -Arguments @('-m', 'xlhedge.windows', 'doctor')
    }
    if (Get-Process -Name 'EXCEL' -ErrorAction SilentlyContinue) {
        Write-Warning -Message 'Excel is running: close it and run this again.'
        return $ExcelRuns
    }
    if ($Action -eq 'Uninstall') { return Uninstall-All }
    foreach ($step in 'Install-Environment', 'Install-Package', 'Install-AddIn') {
        $code = & $step
        if ($code -ne $Done) { return $code }
    }
    return $Done
}

$transcribed = -not $WhatIfPreference -and $Action -in 'Install', 'Repair'
if ($transcribed) {
    $null = New-Item -ItemType Directory -Path $Logs -Force
    $null = Start-Transcript -Path (Join-Path -Path $Logs -ChildPath 'install.log') -Append
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
