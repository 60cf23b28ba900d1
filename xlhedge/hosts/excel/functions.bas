Attribute VB_Name = "xlhedge_udfs"
' The worksheet functions of xlhedge @VERSION@: hedging crypto positions with futures.
' This file is generated from the catalogue by "xlhedge build"; do not edit it.
'
' You do not need it when the add-in xlhedge.xlam is installed: it holds the same text.
'
' To use the functions in one workbook instead, on Windows, by hand:
'   1. pip install xlhedge, in the Python that the xlwings add-in is set to.
'   2. xlwings addin install, once.
'   3. Save the workbook as .xlsm, press Alt+F11, choose Tools > References and tick xlwings.
'   4. File > Import File, choose this file, and close the editor.
'   5. Alt+F8, XlhedgeRegister: gives the function wizard its help. Optional, once per session;
'      a line "XlhedgeRegister" in Workbook_Open does it each time.
'   6. Alt+F8, XlhedgeReenter: if cells of an older workbook show #NAME?.
'
' Each function passes plain values, never Excel objects, to Python and takes plain values back.
' A number is always a Double. A Long between -2146826288 and -2146826188 is a cell error.
Option Explicit

Private Const PATIENCE As Single = 10
Private Const NOT_CALCULATED As Long = 1002
Private Const MOST_NAMED As Long = 3
Private Const LETTERS As String = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."

Private Server As Object
Private Reason As String
Private Unreachable As Boolean
Private TriedAt As Single
Private Skipped As Boolean
Private Listening As Boolean
Private Heard As String
Private Known As String
Private Probed As String

' Why a call last failed on its way to Python or back. For errors of the calculation itself, such
' as #NUM!, ask XLHEDGE_WHY.
Public Function XLHEDGE_LAST_ERROR() As String
    XLHEDGE_LAST_ERROR = Reason
End Function

' Calls Python with the arguments of one worksheet function. One that simulates is not called at each
' key in the function wizard: it gives #GETTING_DATA there.
Private Function Answer(ByVal worksheet_name As String, ByVal given As Variant, _
                        Optional ByVal simulates As Boolean = False) As Variant
    Dim values As Variant
    Answer = CVErr(2015)
    On Error GoTo failed
    If simulates Then
        If InWizard() Then
            Skipped = True
            Answer = CVErr(2043)
            Exit Function
        End If
    End If
    values = WithoutRanges(given)
    If Server Is Nothing And Unreachable And Abs(Timer - TriedAt) < PATIENCE Then Exit Function
    Answer = Shown(Called(worksheet_name, values))
    If Listening Then Listen worksheet_name, values, Answer
    Exit Function
failed:
    Answer = CVErr(2015)
    ' Excel asks again once the cells that it has not calculated yet have their values.
    If Err.Number <> NOT_CALCULATED Then NoteFailure worksheet_name & ": " & Err.Description
End Function

' What Python answers. The object that it answers through is kept, as to ask for it takes as long as
' a call; it is asked for again when its process has ended. The arguments stand in brackets, so that
' their values are passed: to follow a reference costs Python more calls.
Private Function Called(ByVal worksheet_name As String, ByVal values As Variant) As Variant
    Dim problem As Long, sentence As String
    If Not Server Is Nothing Then
        On Error Resume Next
        Called = Server.CallUDF("xlhedge.udfs", (worksheet_name), (values))
        problem = Err.Number
        sentence = Err.Description
        On Error GoTo 0
        If problem = 0 Then Exit Function
        If Not HasEnded(problem) Then Err.Raise 1000, "xlhedge", sentence
        Set Server = Nothing
    End If
    Connect
    Called = Server.CallUDF("xlhedge.udfs", (worksheet_name), (values))
End Function

' Whether an error says that the process behind an object is gone.
Private Function HasEnded(ByVal problem As Long) As Boolean
    Select Case problem
        Case 462, -2147023174, -2147023170, -2147023169, -2147417848, -2147417856, -2147220995
            HasEnded = True
    End Select
End Function

' After a failed start of Python, other cells fail at once for some seconds: thousands of them must
' not each wait for it.
Private Sub Connect()
    Unreachable = True
    TriedAt = Timer
    Set Server = XLPy
    Unreachable = False
End Sub

' Starts Python ahead of the first calculation, which would wait for it.
Public Sub XlhedgeStart()
    On Error GoTo failed
    If Server Is Nothing Then Connect
    Exit Sub
failed:
    NoteFailure "starting Python: " & Err.Description
End Sub

' In the function wizard this button of the old menus is out of use. It also may be while Excel opens
' a workbook, so cells that were skipped are calculated afterwards (see Refresh), and in an Excel
' without a window, where nobody sees a wizard.
Private Function InWizard() As Boolean
    On Error Resume Next
    If Not Application.Visible Then Exit Function
    If Application.ActiveWindow Is Nothing Then Exit Function
    InWizard = Not Application.CommandBars("Standard").Controls(1).Enabled
End Function

' The arguments with each range replaced by its values, and Empty for those left out. A new array,
' as an assignment to an element that holds an object may be taken for one to the object's value.
Private Function WithoutRanges(ByVal given As Variant) As Variant
    Dim values() As Variant, i As Long
    WithoutRanges = given
    If UBound(given) < 0 Then Exit Function
    ReDim values(0 To UBound(given))
    For i = 0 To UBound(given)
        If TypeName(given(i)) = "Range" Then
            values(i) = Contents(given(i))
        ElseIf Not IsMissing(given(i)) Then
            values(i) = given(i)
        End If
    Next i
    WithoutRanges = values
End Function

' The values of a range. A whole column stands for its used part.
Private Function Contents(ByVal area As Object) As Variant
    Dim last As Long, used As Object
    If area.Areas.Count > 1 Then Err.Raise 5, , "an argument must be one range, not several"
    Set used = area
    If area.Rows.Count = area.Worksheet.Rows.Count Then
        last = area.Worksheet.UsedRange.Row + area.Worksheet.UsedRange.Rows.Count - 1
        Set used = area.Resize(last)
    End If
    Contents = used.Value2
    If AreWaiting(used, Contents) Then Err.Raise NOT_CALCULATED, , "a cell has no value yet"
End Function

' Excel also calls a function before the cells that it reads are calculated. Such a cell has a formula
' and no value; one call for all texts, and only where some value is missing.
Private Function AreWaiting(ByVal area As Object, ByVal values As Variant) As Boolean
    Dim texts As Variant, i As Long, j As Long
    If Not IsArray(values) Then
        If IsEmpty(values) Then AreWaiting = area.HasFormula
        Exit Function
    End If
    If Not HasBlank(values) Then Exit Function
    If Not IsNull(area.HasFormula) Then
        If Not area.HasFormula Then Exit Function
    End If
    texts = area.Formula
    For j = LBound(values, 2) To UBound(values, 2)
        For i = LBound(values, 1) To UBound(values, 1)
            If IsEmpty(values(i, j)) Then
                If Len(texts(i, j)) > 0 Then
                    AreWaiting = True
                    Exit Function
                End If
            End If
        Next i
    Next j
End Function

Private Function HasBlank(ByVal values As Variant) As Boolean
    Dim i As Long, j As Long
    For j = LBound(values, 2) To UBound(values, 2)
        For i = LBound(values, 1) To UBound(values, 1)
            If IsEmpty(values(i, j)) Then
                HasBlank = True
                Exit Function
            End If
        Next i
    Next j
End Function

' What came back, with the numbers that stand for errors made into errors.
Private Function Shown(ByVal answered As Variant) As Variant
    Dim i As Long, j As Long
    If Not IsArray(answered) Then
        Shown = ShownCell(answered)
        Exit Function
    End If
    If Dimensions(answered) = 1 Then
        For i = LBound(answered) To UBound(answered)
            answered(i) = ShownCell(answered(i))
        Next i
    Else
        For j = LBound(answered, 2) To UBound(answered, 2)
            For i = LBound(answered, 1) To UBound(answered, 1)
                If VarType(answered(i, j)) = vbLong Then answered(i, j) = ShownCell(answered(i, j))
            Next i
        Next j
    End If
    Shown = answered
End Function

Private Function ShownCell(ByVal one As Variant) As Variant
    ShownCell = one
    If VarType(one) = vbLong Then
        If one >= -2146826288 And one <= -2146826188 Then ShownCell = CVErr(one + 2146828288)
    End If
End Function

Private Function Dimensions(ByVal values As Variant) As Long
    Dim last As Long
    Dimensions = 1
    On Error GoTo done
    last = UBound(values, 2)
    Dimensions = 2
done:
End Function

' Keeps the reason of a failure for XLHEDGE_LAST_ERROR, and writes it to the log when it is new.
Private Sub NoteFailure(ByVal sentence As String)
    If sentence = Reason Then Exit Sub
    Reason = sentence
    WriteLog sentence
End Sub

' Where this module and Python write their logs.
Public Function XlhedgeLogFolder() As String
    XlhedgeLogFolder = Environ("LOCALAPPDATA") & "\xlhedge\Logs"
End Function

Private Sub WriteLog(ByVal sentence As String)
    Dim folder As String, handle As Integer
    On Error Resume Next
    folder = XlhedgeLogFolder()
    MkDir Environ("LOCALAPPDATA") & "\xlhedge"
    MkDir folder
    On Error GoTo done
    handle = FreeFile
    Open folder & "\excel.log" For Append As #handle
    Print #handle, Format(Now, "yyyy-mm-dd hh:nn:ss") & " " & sentence
    Close #handle
done:
End Sub

' Calculates a cell once more and tells why the first of these functions in it gives an error, or
' "" where none does. So names of LET, [@column] and the like need not be understood here.
Public Function XlhedgeHeard(ByVal cell As Object) As String
    On Error GoTo done
    Heard = ""
    Listening = True
    cell.Calculate
done:
    Listening = False
    XlhedgeHeard = Heard
End Function

Private Sub Listen(ByVal worksheet_name As String, ByVal values As Variant, ByVal answered As Variant)
    Dim question() As Variant, i As Long
    If Heard <> "" Or Left(worksheet_name, 8) = "XLHEDGE_" Then Exit Sub
    If Not HoldsError(answered) Then Exit Sub
    ReDim question(0 To UBound(values) + 1)
    question(0) = worksheet_name
    For i = 0 To UBound(values)
        question(i + 1) = values(i)
    Next i
    Heard = worksheet_name & ": " & Shown(First(Called("XLHEDGE_WHY", question)))
End Sub

' The one value that Python has put into a table.
Private Function First(ByVal values As Variant) As Variant
    First = values
    If Not IsArray(values) Then Exit Function
    If Dimensions(values) = 1 Then
        First = values(LBound(values))
    Else
        First = values(LBound(values, 1), LBound(values, 2))
    End If
End Function

Private Function HoldsError(ByVal values As Variant) As Boolean
    Dim i As Long, j As Long
    If Not IsArray(values) Then
        HoldsError = IsError(values)
    ElseIf Dimensions(values) = 1 Then
        For i = LBound(values) To UBound(values)
            If IsError(values(i)) Then HoldsError = True
        Next i
    Else
        For j = LBound(values, 2) To UBound(values, 2)
            For i = LBound(values, 1) To UBound(values, 1)
                If IsError(values(i, j)) Then HoldsError = True
            Next i
        Next j
    End If
End Function

' Binds the formulas of the active workbook to these functions, where they are not.
Public Sub XlhedgeReenter()
    If Not ActiveWorkbook Is Nothing Then Repair ActiveWorkbook, True
End Sub

' The same, unasked, for a workbook that has just been opened or made. One that is saved by itself is
' left alone: the change would be stored for everybody at once.
Public Sub XlhedgeReenterIn(ByVal book As Object)
    Repair book, Not SavesItself(book)
End Sub

Private Function SavesItself(ByVal book As Object) As Boolean
    On Error Resume Next  ' Excel before 2019 has no AutoSave
    SavesItself = book.AutoSaveOn
End Function

' Excel binds a name to an add-in when a formula is entered. A workbook from elsewhere shows values of
' another machine, so one cell for each function is calculated: #NAME? tells that it is not bound. Then
' all cells that name these functions are entered again, without events and calculation between.
Private Sub Repair(ByVal book As Object, ByVal may_enter As Boolean)
    Dim ours As Collection, probes As Collection, was_saved As Boolean
    Dim events_were As Boolean, mode As Long, quiet As Boolean
    On Error GoTo failed
    Set ours = New Collection
    Set probes = New Collection
    Probed = ""
    Collect book, ours, probes
    If ours.Count = 0 Then Exit Sub
    If Skipped Then Refresh ours
    If Not may_enter Then
        WriteLog book.Name & " saves itself and is left as it is: Recalculate binds its formulas"
        Exit Sub
    End If
    was_saved = book.Saved
    events_were = Application.EnableEvents
    mode = Application.Calculation
    Application.EnableEvents = False
    quiet = True
    Mend book, ours, probes
    If Application.Calculation <> mode Then Application.Calculation = mode
    Application.EnableEvents = events_were
    If was_saved Then book.Saved = True
    Exit Sub
failed:
    WriteLog "formulas of " & book.Name & ": " & Err.Description
    If quiet Then Application.EnableEvents = events_were
End Sub

Private Sub Mend(ByVal book As Object, ByVal ours As Collection, ByVal probes As Collection)
    On Error GoTo failed
    Relink book
    If Not AreUnbound(probes) Then Exit Sub
    Application.Calculation = -4135  ' by hand
    EnterAgain book, ours
    Exit Sub
failed:
    WriteLog "formulas of " & book.Name & ": " & Err.Description
End Sub

' A workbook saved on another machine links to the add-in's path there.
Private Sub Relink(ByVal book As Object)
    Dim links As Variant, i As Long, own As String, path As String
    On Error GoTo failed
    own = ThisWorkbook.FullName
    links = book.LinkSources(1)
    If IsEmpty(links) Then Exit Sub
    For i = LBound(links) To UBound(links)
        path = links(i)
        If LCase(Right(path, 12)) = "xlhedge.xlam" And LCase(path) <> LCase(own) Then
            If LCase(Right(own, 12)) = "xlhedge.xlam" Then book.ChangeLink path, own, 1
        End If
    Next i
    Exit Sub
failed:
    WriteLog "links of " & book.Name & ": " & Err.Description
End Sub

' The cells that name these functions, and the first cell for each function. Protected sheets are
' left as they are.
Private Sub Collect(ByVal book As Object, ByVal ours As Collection, ByVal probes As Collection)
    Dim sheet As Object, area As Object, found As Object
    For Each sheet In book.Worksheets
        Set found = FormulasOf(sheet)
        If Not found Is Nothing Then
            For Each area In found.Areas
                CollectFrom area, ours, probes
            Next area
        End If
    Next sheet
End Sub

Private Function FormulasOf(ByVal sheet As Object) As Object
    If sheet.ProtectContents Then Exit Function
    On Error Resume Next  ' a sheet without formulas is an error
    Set FormulasOf = sheet.UsedRange.SpecialCells(-4123)
End Function

Private Sub CollectFrom(ByVal area As Object, ByVal ours As Collection, ByVal probes As Collection)
    Dim texts As Variant, i As Long, j As Long
    texts = area.Formula
    If Not IsArray(texts) Then
        CollectCell area, OwnName(texts), ours, probes
        Exit Sub
    End If
    For j = LBound(texts, 2) To UBound(texts, 2)
        For i = LBound(texts, 1) To UBound(texts, 1)
            If InStr(1, texts(i, j), "(") > 0 Then
                CollectCell area.Cells(i, j), OwnName(texts(i, j)), ours, probes
            End If
        Next i
    Next j
End Sub

Private Sub CollectCell(ByVal cell As Object, ByVal named As String, _
                        ByVal ours As Collection, ByVal probes As Collection)
    If named = "" Then Exit Sub
    If Not IsFirst(cell) Then Exit Sub
    ours.Add cell
    If InStr(1, Probed, " " & named & " ") > 0 Then Exit Sub
    Probed = Probed & " " & named & " "
    probes.Add cell
End Sub

' Whether a cell holds its formula itself: the others of an array, or of what spills, must not get it.
Private Function IsFirst(ByVal cell As Object) As Boolean
    Dim first_one As Object
    Set first_one = cell
    On Error Resume Next  ' Excel before 2021 knows no spilling
    If cell.HasSpill Then Set first_one = cell.SpillParent
    If cell.HasArray And Not cell.HasSpill Then Set first_one = cell.CurrentArray.Cells(1, 1)
    On Error GoTo 0
    IsFirst = first_one.Address = cell.Address
End Function

' The first function of these that a formula names, or "".
Public Function OwnName(ByVal text As String) As String
    Dim at As Long, start As Long, word As String
    at = InStr(1, text, "(")
    Do While at > 0
        start = at
        Do While start > 1
            If InStr(1, LETTERS, Mid(text, start - 1, 1), vbTextCompare) = 0 Then Exit Do
            start = start - 1
        Loop
        word = UCase(Mid(text, start, at - start))
        If word <> "" Then
            If IsOurs(word) Then
                OwnName = word
                Exit Function
            End If
        End If
        at = InStr(at + 1, text, "(")
    Loop
End Function

Private Function IsOurs(ByVal word As String) As Boolean
    If Known = "" Then Known = " " & Join(XlhedgeNames(), " ") & " "
    IsOurs = InStr(1, Known, " " & word & " ", vbTextCompare) > 0
End Function

' Cells that were taken for ones in the wizard while their workbook was opened.
Private Sub Refresh(ByVal ours As Collection)
    Dim cell As Object
    Skipped = False
    On Error Resume Next
    For Each cell In ours
        If Shows(cell, 2043) Then cell.Calculate
    Next cell
End Sub

Private Function AreUnbound(ByVal probes As Collection) As Boolean
    Dim cell As Object
    On Error Resume Next
    For Each cell In probes
        cell.Calculate
        If Shows(cell, 2029) Then AreUnbound = True
    Next cell
End Function

Private Function Shows(ByVal cell As Object, ByVal code As Long) As Boolean
    If IsError(cell.Value) Then Shows = cell.Value = CVErr(code)
End Function

' What fails is counted and does not stop the others.
Private Sub EnterAgain(ByVal book As Object, ByVal ours As Collection)
    Dim cell As Object, failures As Long, problem As String
    For Each cell In ours
        problem = Entered(cell)
        If problem <> "" Then
            failures = failures + 1
            If failures <= MOST_NAMED Then WriteLog "cell " & cell.Address & ": " & problem
        End If
    Next cell
    WriteLog (ours.Count - failures) & " formulas of " & book.Name & " entered again, " & _
        failures & " not"
End Sub

' Formula2 keeps a dynamic array as it is; Excel before 2021 has only the other two.
Private Function Entered(ByVal cell As Object) As String
    Dim text As Variant
    On Error Resume Next
    text = cell.Formula2
    If Err.Number = 0 Then cell.Formula2 = text
    If Err.Number = 0 Then Exit Function
    Err.Clear
    text = cell.Formula
    If cell.HasArray Then
        cell.CurrentArray.FormulaArray = text
    Else
        cell.Formula = text
    End If
    If Err.Number <> 0 Then Entered = Err.Description
End Function

' Gives the function wizard one function's category, description and argument help.
Private Sub Describe(ByVal worksheet_name As String, ByVal summary As String, _
                     ParamArray help() As Variant)
    Dim texts As Variant
    texts = help
    If IsOurs(worksheet_name) Then DescribeOne worksheet_name, "xlhedge", summary, texts
    If Left(worksheet_name, 8) = "XLHEDGE_" Then Exit Sub
    DescribeOne "XLH_" & worksheet_name, "xlhedge, second names", summary, texts
End Sub

Private Sub DescribeOne(ByVal worksheet_name As String, ByVal category As String, _
                        ByVal summary As String, ByVal texts As Variant)
    Dim macro As String
    macro = "'" & ThisWorkbook.Name & "'!" & worksheet_name
    If UBound(texts) < 0 Then
        Application.MacroOptions Macro:=macro, Description:=summary, Category:=category
    Else
        Application.MacroOptions Macro:=macro, Description:=summary, Category:=category, _
            ArgumentDescriptions:=texts
    End If
End Sub

' Registers the help of all functions. Excel refuses it in some situations, for example while no
' workbook is visible: then the functions work without help, and the log says why.
Public Sub XlhedgeRegister()
    On Error GoTo failed
    RegisterAll
    Exit Sub
failed:
    WriteLog "help for the function wizard: " & Err.Description
End Sub
