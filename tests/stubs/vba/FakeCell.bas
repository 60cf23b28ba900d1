Rem Attribute VBA_ModuleType=VBAClassModule
Option VBASupport 1
Option ClassModule
' In place of a cell of Excel's: its formula is bound to the functions or not.
Public Address As String
Public Text As String
Public IsBound As Boolean
Public IsLocked As Boolean
Public IsSkipped As Boolean
Public Entered As Long
Public Calculated As Long
Public Shown As Variant
Public Hosted As Object
Public Asks As Variant

Public Property Get Formula() As String
    Formula = Text
End Property
Public Property Let Formula(given As String)
    If IsLocked Then Err.Raise 1004, , "locked"
    Entered = Entered + 1
    IsBound = True
    Hosted.Note "enter " & Address
End Property
Public Property Get Formula2() As String
    Formula2 = Text
End Property
Public Property Let Formula2(given As String)
    If IsLocked Then Err.Raise 1004, , "locked"
    Text = given
    Entered = Entered + 1
    IsBound = True
    Hosted.Note "enter " & Address
End Property
Public Property Get Value() As Variant
    Value = Shown
End Property
Public Property Get HasSpill() As Boolean
    HasSpill = False
End Property
Public Property Get HasArray() As Boolean
    HasArray = False
End Property
Public Function Cells(i, j) As Object
    Set Cells = Me
End Function
Public Sub Calculate()
    If Not IsEmpty(Asks) Then
        Shown = xlhedge_udfs.XLH_HEDGE_CONTRACTS(1000, Asks)
        Exit Sub
    End If
    Calculated = Calculated + 1
    Hosted.Note "calculate " & Address
    If IsBound Then
        Shown = 1
    Else
        Shown = CVErr(2029)
    End If
End Sub
