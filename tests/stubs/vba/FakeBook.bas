Rem Attribute VBA_ModuleType=VBAClassModule
Option VBASupport 1
Option ClassModule
' In place of a workbook.
Public Name As String
Public Saved As Boolean
Public AutoSaveOn As Boolean
Public Worksheets As New Collection
Public Function LinkSources(kind) As Variant
    LinkSources = Empty
End Function
