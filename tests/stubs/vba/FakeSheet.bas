Rem Attribute VBA_ModuleType=VBAClassModule
Option VBASupport 1
Option ClassModule
' In place of a worksheet, of its used range, and of the cells with formulas in it.
Public Name As String
Public ProtectContents As Boolean
Public IsEmptySheet As Boolean
Public Areas As New Collection
Public Property Get UsedRange() As Object
    Set UsedRange = Me
End Property
Public Function SpecialCells(kind) As Object
    If IsEmptySheet Then Err.Raise 1004, , "no cells were found"
    Set SpecialCells = Me
End Function
