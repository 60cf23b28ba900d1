Attribute VB_Name = "xlhedge_why"
' Explains the error of a cell: asks XLHEDGE_WHY with the arguments that stand in its formula.
Option Explicit
Option Private Module

' Why the first function of ours in a cell gives an error.
Public Function XlhedgeExplanation(ByVal cell As Object) As String
    Dim question As String, answered As Variant
    question = XlhedgeQuestion(cell.Formula)
    If question = "" Then
        XlhedgeExplanation = "The selected cell names no function of xlhedge."
        Exit Function
    End If
    XlhedgeExplanation = "Enter this in an empty cell:" & vbCrLf & "=" & question
    If Len(question) > 255 Then Exit Function  ' more than Evaluate takes
    answered = cell.Worksheet.Evaluate(question)
    If VarType(answered) = vbString Then XlhedgeExplanation = answered
    If XlhedgeExplanation = "ok" Then XlhedgeExplanation = "The function gives no error."
End Function

' HEDGE_RATIO(A1:A9,B1:B9) within a formula as XLHEDGE_WHY("HEDGE_RATIO",A1:A9,B1:B9), or "".
Public Function XlhedgeQuestion(ByVal formula As String) As String
    Dim each_name As Variant, at As Long, first As Long, named As String, arguments As String
    For Each each_name In XlhedgeNames()
        at = InStr(1, formula, each_name & "(", vbTextCompare)
        If at > 0 And (first = 0 Or at < first) Then
            first = at
            named = each_name
        End If
    Next each_name
    If first = 0 Then Exit Function
    arguments = UpToBracket(Mid(formula, first + Len(named) + 1))
    XlhedgeQuestion = "XLHEDGE_WHY(""" & named & """"
    If Trim(arguments) <> "" Then XlhedgeQuestion = XlhedgeQuestion & "," & arguments
    XlhedgeQuestion = XlhedgeQuestion & ")"
End Function

' A text up to the bracket that closes it; brackets within quotes do not count.
Private Function UpToBracket(ByVal rest As String) As String
    Dim i As Long, depth As Long, quoted As Boolean, one As String
    For i = 1 To Len(rest)
        one = Mid(rest, i, 1)
        If one = """" Then quoted = Not quoted
        If Not quoted Then
            If one = "(" Or one = "{" Then depth = depth + 1
            If one = ")" And depth = 0 Then Exit For
            If one = ")" Or one = "}" Then depth = depth - 1
        End If
    Next i
    UpToBracket = Left(rest, i - 1)
End Function
