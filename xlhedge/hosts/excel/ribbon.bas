Attribute VB_Name = "xlhedge_ribbon"
' What the buttons of the ribbon tab do.
Option Explicit

' Binds formulas that show #NAME?, then calculates every open workbook.
Public Sub XlhedgeRecalculate(ByVal control As Object)
    On Error GoTo failed
    XlhedgeReenter
    Application.CalculateFull
    Exit Sub
failed:
    Tell Err.Description
End Sub

Public Sub XlhedgeNew(ByVal control As Object)
    Dim dialog As Object
    On Error GoTo failed
    Set dialog = Application.FileDialog(3)
    dialog.Title = "New workbook from an xlhedge template"
    dialog.AllowMultiSelect = False
    dialog.InitialFileName = _
        GetSetting("xlhedge", "Places", "Templates", XlhedgeFolder() & "\templates") & "\"
    If dialog.Show = -1 Then Workbooks.Add dialog.SelectedItems(1)
    Exit Sub
failed:
    Tell Err.Description
End Sub

Public Sub XlhedgeWhy(ByVal control As Object)
    On Error GoTo failed
    Tell XlhedgeExplanation(ActiveCell)
    Exit Sub
failed:
    Tell Err.Description
End Sub

' Both logs, Python's and this add-in's, are in one folder.
Public Sub XlhedgeLog(ByVal control As Object)
    On Error GoTo failed
    Shell """" & Environ("SystemRoot") & "\explorer.exe"" """ & XlhedgeLogFolder() & """", _
        vbNormalFocus
    Exit Sub
failed:
    Tell Err.Description
End Sub

Public Sub XlhedgeRestart(ByVal control As Object)
    On Error GoTo failed
    KillPy
    Tell "Python has ended. The next calculation starts it again."
    Exit Sub
failed:
    Tell Err.Description
End Sub

Public Sub XlhedgeDoctor(ByVal control As Object)
    On Error GoTo failed
    Shell """" & XlhedgeProgram("python.exe") & """ -I -m xlhedge.windows doctor --wait", _
        vbNormalFocus
    Exit Sub
failed:
    Tell Err.Description
End Sub

Public Sub XlhedgeHelp(ByVal control As Object)
    On Error GoTo failed
    ThisWorkbook.FollowHyperlink XlhedgeFolder() & "\help.html"
    Exit Sub
failed:
    Tell Err.Description
End Sub

Private Sub Tell(ByVal sentence As String)
    MsgBox sentence, vbInformation, "xlhedge"
End Sub
