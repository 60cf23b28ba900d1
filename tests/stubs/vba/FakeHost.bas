Rem Attribute VBA_ModuleType=VBAClassModule
Option VBASupport 1
Option ClassModule
' In place of Application: tells the order of what is done to it.
Public Told As String
Public Books As New Collection
Public Active As Object
Private EventsAre As Boolean
Private ModeIs As Long
Public Sub Note(what)
    Told = Told & what & "; "
End Sub
Public Sub Begin(mode)
    EventsAre = True
    ModeIs = mode
    Told = ""
End Sub
Public Property Get EnableEvents() As Boolean
    EnableEvents = EventsAre
End Property
Public Property Let EnableEvents(given As Boolean)
    EventsAre = given
    Note "events " & given
End Property
Public Property Get Calculation() As Long
    Calculation = ModeIs
End Property
Public Property Let Calculation(given As Long)
    ModeIs = given
    Note "mode " & given
End Property
Public Sub OnTime(when, macro)
    Note "later " & Mid(macro, InStr(macro, "!") + 1)
End Sub
