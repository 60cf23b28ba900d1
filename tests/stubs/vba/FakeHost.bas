Rem Attribute VBA_ModuleType=VBAClassModule
Option VBASupport 1
Option ClassModule
' In place of Application: tells the order of what is done to it.
Public Told As String
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
