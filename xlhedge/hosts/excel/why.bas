Attribute VB_Name = "xlhedge_why"
' Explains the error of a cell: calculates it once more and listens to the functions in it.
Option Explicit
Option Private Module

' Why the first function of ours in a cell gives an error.
Public Function XlhedgeExplanation(ByVal cell As Object) As String
    Dim first_one As Object
    Set first_one = Anchor(cell)
    XlhedgeExplanation = XlhedgeHeard(first_one)
    If XlhedgeExplanation <> "" Then Exit Function
    If OwnName(first_one.Cells(1, 1).Formula) = "" Then
        XlhedgeExplanation = "The selected cell names no function of xlhedge."
    ElseIf Not IsError(cell.Value) Then
        XlhedgeExplanation = "The functions in this cell give no error."
    ElseIf cell.Value = CVErr(2029) Then
        XlhedgeExplanation = "The formula is not bound to the add-in: press Recalculate."
    ElseIf XLHEDGE_LAST_ERROR() <> "" Then
        XlhedgeExplanation = XLHEDGE_LAST_ERROR()
    Else
        XlhedgeExplanation = "The functions of xlhedge in this cell give no error: it comes " & _
            "from the rest of the formula."
    End If
End Function

' The cell that holds the formula: a value that has spilled or stands in an array belongs to it.
Private Function Anchor(ByVal cell As Object) As Object
    Set Anchor = cell
    On Error Resume Next  ' Excel before 2021 knows no spilling
    If cell.HasSpill Then
        Set Anchor = cell.SpillParent
    ElseIf cell.HasArray Then
        Set Anchor = cell.CurrentArray
    End If
End Function
