Attribute VB_Name = "xlhedge_bridge"
' The way to Python: xlwings' library starts the COM server in xlhedge's own environment.
'
' The place of Python is not read from a workbook, its folder or the system's search path: only from
' the user's own settings, which the installer writes. Nothing that a workbook holds can have
' another program started. Python runs isolated (-I), so that no file beside a workbook and no
' environment variable can take the place of a library.
Option Explicit
Option Private Module

#If Win64 Then
    Private Declare PtrSafe Function Activate Lib "xlwings64-@XLWINGS@.dll" Alias _
        "XLPyDLLActivateAuto" (ByRef answer As Variant, ByVal config As String, _
        ByVal mode As Long) As Long
    Private Const LIBRARY As String = "xlwings64-@XLWINGS@.dll"
#Else
    Private Declare PtrSafe Function Activate Lib "xlwings32-@XLWINGS@.dll" Alias _
        "XLPyDLLActivateAuto" (ByRef answer As Variant, ByVal config As String, _
        ByVal mode As Long) As Long
    Private Const LIBRARY As String = "xlwings32-@XLWINGS@.dll"
#End If
Private Declare PtrSafe Function LoadLibraryW Lib "kernel32" (ByVal path As LongPtr) As LongPtr

' Where xlhedge is installed.
Public Function XlhedgeFolder() As String
    XlhedgeFolder = GetSetting("xlhedge", "Places", "Home", Environ("LOCALAPPDATA") & "\xlhedge")
End Function

' A program of xlhedge's environment: python.exe, or pythonw.exe which shows no window.
Public Function XlhedgeProgram(ByVal program As String) As String
    XlhedgeProgram = XlhedgeFolder() & "\venv\Scripts\" & program
End Function

' The object whose CallUDF runs a function; it starts Python when that does not run.
Public Function XLPy() As Object
    Dim server As Variant
    Dim result As Long
    LoadBridge
    result = Activate(server, ServerCommand(), 1)
    If result <> 0 Then Err.Raise 1000, "xlhedge", server
    Set XLPy = server
End Function

' Ends Python. The next calculation starts it again.
Public Sub KillPy()
    Dim server As Variant
    LoadBridge
    If Activate(server, ServerCommand(), -1) <> 0 Then Err.Raise 1000, "xlhedge", server
End Sub

Private Function ServerCommand() As String
    ServerCommand = """" & XlhedgeProgram("pythonw.exe") & """ -I -m xlhedge.windows.serve $(CLSID)"
End Function

' Windows finds the library by its name once it has been loaded from its full path.
Private Sub LoadBridge()
    Dim path As String
    path = XlhedgeFolder() & "\venv\" & LIBRARY
    If LoadLibraryW(StrPtr(path)) = 0 Then
        Err.Raise 1001, "xlhedge", path & " is missing or blocked: run the Doctor, or install again"
    End If
End Sub
