Rem Attribute VBA_ModuleType=VBAModule
Option VBASupport 1
' What a test puts before the add-in's handlers, in words that `libreoffice_vba.py` passes on.
Public TestHost As Object
Public Book As Object
Private Made As Object
Private Latest As Object
Private Events As Object

Public Sub Start(mode, saved, cloud)
    Set TestHost = New FakeHost
    TestHost.Begin mode
    Set Book = New FakeBook
    Book.Name = "Book1"
    Book.Saved = saved
    Book.AutoSaveOn = cloud
    Set Made = New Collection
    Set Events = New Handlers
End Sub

Public Sub AddSheet(given, protect, empty_one)
    Set Latest = New FakeSheet
    Latest.Name = given
    Latest.ProtectContents = protect
    Latest.IsEmptySheet = empty_one
    Book.Worksheets.Add Latest
End Sub

Public Sub AddCell(address, text, bound, locked, value)
    Dim cell As Object
    Set cell = New FakeCell
    cell.Address = address
    cell.Text = text
    cell.IsBound = bound
    cell.IsLocked = locked
    cell.Shown = value
    Set cell.Hosted = TestHost
    Latest.Areas.Add cell
    Made.Add cell
End Sub

Public Function Run(handler) As String
    Dim cell As Object, told As String
    On Error GoTo failed
    If handler = "opened" Then xlhedge_udfs.XlhedgeReenterIn Book
    If handler = "event open" Then Events.Host_WorkbookOpen Book
    If handler = "event new" Then Events.Host_NewWorkbook Book
    If handler = "event load" Then
        TestHost.Books.Add Book
        Events.Workbook_Open
    End If
    If handler = "asked" Then xlhedge_udfs.XlhedgeReenterAsked Book
    told = TestHost.Told & "| "
    For Each cell In Made
        told = told & cell.Address & " " & cell.Entered & " " & cell.Calculated & "; "
    Next cell
    Run = told & "| " & Book.Saved
    Exit Function
failed:
    Run = told & "failed: " & Err.Description & " in line " & Erl
End Function

Public Function Heard(wrong) As String
    Dim cell As Object
    Set cell = New FakeCell
    cell.Asks = 70000
    If wrong Then cell.Asks = -1
    Heard = xlhedge_udfs.XlhedgeHeard(cell)
End Function

' Two cells, of which the second has no value; whether a function has to wait for it.
Public Function Waits(formulas, second) As Boolean
    Dim area As Object, values(1 To 2, 1 To 1), texts(1 To 2, 1 To 1)
    Set area = New FakeArea
    values(1, 1) = 5
    texts(1, 1) = "=A1"
    texts(2, 1) = second
    If formulas = "some" Then area.HasFormula = Null
    If formulas = "all" Then area.HasFormula = True
    If formulas = "none" Then area.HasFormula = False
    area.Formula = texts
    If formulas = "no blank" Then values(2, 1) = 6
    Waits = xlhedge_udfs.TryAreWaiting(area, values)
End Function
