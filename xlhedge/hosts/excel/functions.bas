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
Private Reason As String
Private Unreachable As Boolean
Private TriedAt As Single

' Why a call last failed on its way to Python or back. For errors of the calculation itself, such
' as #NUM!, ask XLHEDGE_WHY.
Public Function XLHEDGE_LAST_ERROR() As String
    XLHEDGE_LAST_ERROR = Reason
End Function

' Calls Python with the arguments of one worksheet function. After a failed start of Python, other
' cells fail at once for some seconds: thousands of them must not each wait for it.
Private Function Answer(ByVal worksheet_name As String, ByVal given As Variant) As Variant
    Dim values As Variant, python As Object
    Answer = CVErr(2015)
    On Error GoTo failed
    values = WithoutRanges(given)
    If Unreachable And Abs(Timer - TriedAt) < PATIENCE Then Exit Function
    On Error GoTo no_python
    Set python = XLPy
    Unreachable = False
    On Error GoTo failed
    Answer = Shown(python.CallUDF("xlhedge.udfs", worksheet_name, values))
    Exit Function
no_python:
    Unreachable = True
    TriedAt = Timer
failed:
    Answer = CVErr(2015)
    NoteFailure worksheet_name & ": " & Err.Description
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
    Dim last As Long
    If area.Areas.Count > 1 Then Err.Raise 5, , "an argument must be one range, not several"
    If area.Rows.Count = area.Worksheet.Rows.Count Then
        last = area.Worksheet.UsedRange.Row + area.Worksheet.UsedRange.Rows.Count - 1
        Contents = area.Resize(last).Value2
    Else
        Contents = area.Value2
    End If
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

' Enters again the formulas of the active workbook that name these functions and show #NAME?, and
' points links to another place of the add-in to this one.
Public Sub XlhedgeReenter()
    If Not ActiveWorkbook Is Nothing Then XlhedgeReenterIn ActiveWorkbook
End Sub

Public Sub XlhedgeReenterIn(ByVal book As Object)
    Dim sheet As Object, was_saved As Boolean
    On Error GoTo failed
    was_saved = book.Saved
    Relink book
    For Each sheet In book.Worksheets
        ReenterSheet sheet
    Next sheet
    If was_saved Then book.Saved = True
    Exit Sub
failed:
    WriteLog "formulas of " & book.Name & ": " & Err.Description
End Sub

' A workbook saved on another machine links to the add-in's path there.
Private Sub Relink(ByVal book As Object)
    Dim links As Variant, i As Long, own As String, path As String
    own = ThisWorkbook.FullName
    links = book.LinkSources(1)
    If IsEmpty(links) Then Exit Sub
    For i = LBound(links) To UBound(links)
        path = links(i)
        If LCase(Right(path, 12)) = "xlhedge.xlam" And LCase(path) <> LCase(own) Then
            If LCase(Right(own, 12)) = "xlhedge.xlam" Then book.ChangeLink path, own, 1
        End If
    Next i
End Sub

Private Sub ReenterSheet(ByVal sheet As Object)
    Dim broken As Object, cell As Object
    On Error GoTo done
    Set broken = sheet.UsedRange.SpecialCells(-4123, 16)  ' formulas that give errors; none: an error
    On Error GoTo failed
    For Each cell In broken.Cells
        If cell.Value = CVErr(2029) Then
            If NamesUs(cell.Formula) Then ReenterCell cell
        End If
    Next cell
    Exit Sub
failed:
    WriteLog "formulas of " & sheet.Name & ": " & Err.Description
done:
End Sub

' Formula2 keeps a dynamic array as it is; Excel before 2021 has only the other two.
Private Sub ReenterCell(ByVal cell As Object)
    On Error Resume Next
    cell.Formula2 = cell.Formula2
    If Err.Number = 0 Then Exit Sub
    Err.Clear
    If cell.HasArray Then
        cell.CurrentArray.FormulaArray = cell.FormulaArray
    Else
        cell.Formula = cell.Formula
    End If
    If Err.Number <> 0 Then WriteLog "cell " & cell.Address & ": " & Err.Description
End Sub

Private Function NamesUs(ByVal formula As String) As Boolean
    Dim each_name As Variant
    For Each each_name In XlhedgeNames()
        If InStr(1, formula, each_name & "(", vbTextCompare) > 0 Then
            NamesUs = True
            Exit Function
        End If
    Next each_name
End Function

' Gives the function wizard one function's category, description and argument help.
Private Sub Describe(ByVal worksheet_name As String, ByVal summary As String, _
                     ParamArray help() As Variant)
    Dim texts As Variant, macro As String
    texts = help
    macro = "'" & ThisWorkbook.Name & "'!" & worksheet_name
    If UBound(texts) < 0 Then
        Application.MacroOptions Macro:=macro, Description:=summary, Category:="xlhedge"
    Else
        Application.MacroOptions Macro:=macro, Description:=summary, Category:="xlhedge", _
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
