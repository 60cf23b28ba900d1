Attribute VB_Name = "xlhedge_udfs"
' The worksheet functions of xlhedge 0.1.0: hedging crypto positions with futures.
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

Public Function XlhedgeNames() As Variant
    Dim listed As String
    listed = listed & " HEDGE_CONTRACTS BETA_CONTRACTS BETA HEDGE_RATIO HEDGE_RATIO_EWMA"
    listed = listed & " HEDGE_RATIO_TAIL HEDGE_STATS HEDGE_RATIOS HEDGE_ROLLING"
    listed = listed & " HEDGE_EFFECTIVENESS CONTRACT_PNL CONTRACT_DELTA PORTFOLIO_DELTA"
    listed = listed & " BASIS BASIS_PNL CARRY_RATE FAIR_FUTURE BASIS_STATS OU_FIT"
    listed = listed & " OU_FORECAST ADF_TEST COINTEGRATION_TEST CARRY_CURVE ROLL_COST"
    listed = listed & " FUNDING_RATE FUNDING_ANNUAL FUNDING_PNL FUNDING_STATS"
    listed = listed & " FUNDING_BREAKEVEN FUNDING_VAR FUNDING_FORECAST RETURNS"
    listed = listed & " PORTFOLIO_VOL VAR_COVARIANCE VAR_CONTRIBUTION BASIS_VAR VAR_NORMAL"
    listed = listed & " VAR_STUDENT VAR_HISTORICAL VAR_CORNISH_FISHER VAR_FILTERED VAR_EVT"
    listed = listed & " JOINT_FIT VAR_JOINT VAR_BACKTEST ES_BACKTEST BOOK_VAR BOOK_PNL"
    listed = listed & " BOOK_CONTRIBUTION MARGIN_TIER INITIAL_MARGIN MAINTENANCE_MARGIN"
    listed = listed & " LIQ_PRICE LIQ_PRICE_APPROX LIQ_PRICE_CROSS BANKRUPTCY_PRICE"
    listed = listed & " MARGIN_RATIO MARGIN_CALL MARGIN_LADDER LIQ_PROBABILITY"
    listed = listed & " MARGIN_BUFFER ACCOUNT_STATUS ACCOUNT_LIQUIDATION"
    listed = listed & " ACCOUNT_PROBABILITY ACCOUNT_BUFFER VOL_REALIZED VOL_EWMA VOL_GARCH"
    listed = listed & " VOL_HAR VOL_RANGE VOL_TARGET_EXPOSURE VOL_TARGET_HEDGE"
    listed = listed & " VOL_TARGET_TRADE STRESS_SCENARIOS STRESS_PNL STRESS_ACCOUNTS"
    listed = listed & " STRESS_GRID STRESS_REPLAY STRESS_REVERSE HEDGE_REPORT HEDGE_COST"
    listed = listed & " HEDGE_TRADE XLHEDGE_WHY XLHEDGE_VERSION XLH_HEDGE_CONTRACTS"
    listed = listed & " XLH_BETA_CONTRACTS XLH_BETA XLH_HEDGE_RATIO XLH_HEDGE_RATIO_EWMA"
    listed = listed & " XLH_HEDGE_RATIO_TAIL XLH_HEDGE_STATS XLH_HEDGE_RATIOS"
    listed = listed & " XLH_HEDGE_ROLLING XLH_HEDGE_EFFECTIVENESS XLH_CONTRACT_PNL"
    listed = listed & " XLH_CONTRACT_DELTA XLH_PORTFOLIO_DELTA XLH_BASIS XLH_BASIS_PNL"
    listed = listed & " XLH_CARRY_RATE XLH_FAIR_FUTURE XLH_BASIS_STATS XLH_OU_FIT"
    listed = listed & " XLH_OU_FORECAST XLH_ADF_TEST XLH_COINTEGRATION_TEST"
    listed = listed & " XLH_CARRY_CURVE XLH_ROLL_COST XLH_FUNDING_RATE XLH_FUNDING_ANNUAL"
    listed = listed & " XLH_FUNDING_PNL XLH_FUNDING_STATS XLH_FUNDING_BREAKEVEN"
    listed = listed & " XLH_FUNDING_VAR XLH_FUNDING_FORECAST XLH_RETURNS XLH_PORTFOLIO_VOL"
    listed = listed & " XLH_VAR_COVARIANCE XLH_VAR_CONTRIBUTION XLH_BASIS_VAR"
    listed = listed & " XLH_VAR_NORMAL XLH_VAR_STUDENT XLH_VAR_HISTORICAL"
    listed = listed & " XLH_VAR_CORNISH_FISHER XLH_VAR_FILTERED XLH_VAR_EVT XLH_JOINT_FIT"
    listed = listed & " XLH_VAR_JOINT XLH_VAR_BACKTEST XLH_ES_BACKTEST XLH_BOOK_VAR"
    listed = listed & " XLH_BOOK_PNL XLH_BOOK_CONTRIBUTION XLH_MARGIN_TIER"
    listed = listed & " XLH_INITIAL_MARGIN XLH_MAINTENANCE_MARGIN XLH_LIQ_PRICE"
    listed = listed & " XLH_LIQ_PRICE_APPROX XLH_LIQ_PRICE_CROSS XLH_BANKRUPTCY_PRICE"
    listed = listed & " XLH_MARGIN_RATIO XLH_MARGIN_CALL XLH_MARGIN_LADDER"
    listed = listed & " XLH_LIQ_PROBABILITY XLH_MARGIN_BUFFER XLH_ACCOUNT_STATUS"
    listed = listed & " XLH_ACCOUNT_LIQUIDATION XLH_ACCOUNT_PROBABILITY XLH_ACCOUNT_BUFFER"
    listed = listed & " XLH_VOL_REALIZED XLH_VOL_EWMA XLH_VOL_GARCH XLH_VOL_HAR"
    listed = listed & " XLH_VOL_RANGE XLH_VOL_TARGET_EXPOSURE XLH_VOL_TARGET_HEDGE"
    listed = listed & " XLH_VOL_TARGET_TRADE XLH_STRESS_SCENARIOS XLH_STRESS_PNL"
    listed = listed & " XLH_STRESS_ACCOUNTS XLH_STRESS_GRID XLH_STRESS_REPLAY"
    listed = listed & " XLH_STRESS_REVERSE XLH_HEDGE_REPORT XLH_HEDGE_COST XLH_HEDGE_TRADE"
    XlhedgeNames = Split(Mid(listed, 2))
End Function

Private Sub RegisterAll()
    Register1
    Register2
    Register3
    Register4
    Register5
    Register6
    Register7
    Register8
    Register9
End Sub

' Hedge sizing
Private Sub Register1()
    Describe "HEDGE_CONTRACTS", _
        "Futures contracts that hedge a spot holding: negative to sell, positive to buy.", _
        "Coins held, positive = long, negative = short.", _
        "Spot price in quote currency.", _
        "Coins per contract (linear) or face value in quote currency (inverse).", _
        "Share of the holding to hedge, or a minimum-variance ratio of returns.", _
        "Futures price in quote currency; blank hedges coin for coin, give it when hedge_ratio is a ratio of returns.", _
        "linear (size in coins, settled in quote currency) or inverse (face in quote currency, settled in coin).", _
        "Multiple to which the answer is rounded, halves away from zero; 0 does not round.", _
        "Change of the futures price per change of the spot price: 1 for a perpetual, exp(carry x years) for a dated future."
    Describe "BETA_CONTRACTS", _
        "Futures contracts that bring a portfolio's beta to a target: negative to sell.", _
        "Value of each holding in quote currency, positive = long.", _
        "Beta of each holding to the asset under the future: one number, or one per holding.", _
        "Futures price in quote currency.", _
        "Units of the underlying per contract.", _
        "Share of the way to the target, 0.8 for 80 %.", _
        "Beta that the whole portfolio shall have; 0 removes the exposure.", _
        "Multiple to which the answer is rounded, halves away from zero; 0 does not round."
    Describe "BETA", _
        "Beta of an asset to a market: the slope of its log returns on the market's.", _
        "Prices of the asset, oldest first.", _
        "Prices of the market on the same rows.", _
        "Rows per return; returns do not overlap and the last one ends at the last row."
    Describe "HEDGE_RATIO", _
        "Hedge ratio that minimises the variance of the hedged return.", _
        "Prices of what is hedged, oldest first.", _
        "Prices of the future on the same rows.", _
        "Rows per return: the hedge's horizon. Returns do not overlap and the last one ends at the last row."
    Describe "HEDGE_RATIO_EWMA", _
        "Minimum-variance hedge ratio that weighs recent returns more, as RiskMetrics does.", _
        "Prices of what is hedged, oldest first.", _
        "Prices of the future on the same rows.", _
        "Weight of yesterday's estimate, between 0 and 1: 0.94 forgets half in 11 rows."
    Describe "HEDGE_RATIO_TAIL", _
        "Hedge ratio that minimises the historical VaR or expected shortfall of the hedged return.", _
        "Prices of what is hedged, oldest first.", _
        "Prices of the future on the same rows.", _
        "Confidence level, for example 0.95.", _
        "es (expected shortfall) or var (value at risk)."
    Describe "HEDGE_STATS", _
        "Minimum-variance hedge ratio with its standard error and what the hedge would leave.", _
        "Prices of what is hedged, oldest first.", _
        "Prices of the future on the same rows.", _
        "Rows per return: the hedge's horizon."
    Describe "HEDGE_RATIOS", _
        "Minimum-variance hedge ratios on several futures together, by least squares.", _
        "Prices of what is hedged, oldest first.", _
        "Prices of the futures on the same rows, one column each.", _
        "Rows per return: the hedge's horizon. Returns do not overlap and the last one ends at the last row."
    Describe "HEDGE_ROLLING", _
        "Minimum-variance hedge ratio over a window that moves through the history.", _
        "Prices of what is hedged, oldest first.", _
        "Prices of the future on the same rows.", _
        "Rows of prices per estimate.", _
        "Rows per return: the hedge's horizon. Returns do not overlap and the last one of each window ends at its last row."
    Describe "HEDGE_EFFECTIVENESS", _
        "Share of the risk that a hedge would have removed: 1 is a perfect hedge, 0 none.", _
        "Prices of what is hedged, oldest first.", _
        "Prices of the future on the same rows.", _
        "Value of futures sold per value of spot held.", _
        "variance, sd, var or es of the log returns.", _
        "Confidence level of var and es."
    Describe "CONTRACT_PNL", _
        "Profit and loss of a futures position, in quote currency (linear) or in coin (inverse).", _
        "Contracts held, positive = long, negative = short.", _
        "Price at which the position was opened.", _
        "Price at which it is closed or valued.", _
        "Coins per contract (linear) or face value in quote currency (inverse).", _
        "linear or inverse."
    Describe "CONTRACT_DELTA", _
        "Exposure of a futures position to the spot price, in coins.", _
        "Contracts held, positive = long, negative = short.", _
        "Futures price in quote currency.", _
        "Coins per contract (linear) or face value in quote currency (inverse).", _
        "linear or inverse.", _
        "Continuous annual carry of a dated future; 0 for a perpetual.", _
        "Days to its expiry."
    Describe "PORTFOLIO_DELTA", _
        "Exposure of a book to each coin's spot price: spot, futures and what is left open.", _
        "Table with the columns asset, instrument, quantity, price and optionally contract_size, entry_price, days and others.", _
        "Margin accounts, with the columns account, balance and optionally asset, price and others: coins that they hold count as spot, debts of coins as negative spot."
End Sub

' Basis
Private Sub Register2()
    Describe "BASIS", _
        "Basis, spot minus futures: in quote currency, relative to spot, in basis points or in logs.", _
        "Spot price in quote currency.", _
        "Futures price in quote currency.", _
        "price (S - F), pct ((S - F)/S as a decimal), bp (the same in hundredths of a percent) or log (ln(S/F))."
    Describe "BASIS_PNL", _
        "Profit and loss of a spot holding hedged with futures: the change of the basis.", _
        "Spot price at the start.", _
        "Futures price at the start.", _
        "Spot price at the end.", _
        "Futures price at the end.", _
        "Coins of spot held, positive = long spot and short futures, negative = the reverse.", _
        "Coins of futures sold per coin of spot."
    Describe "CARRY_RATE", _
        "Annual rate that a dated future pays over spot until it expires.", _
        "Spot price in quote currency.", _
        "Futures price in quote currency.", _
        "Days to expiry.", _
        "simple, annual or continuous."
    Describe "FAIR_FUTURE", _
        "Futures price at which a dated future pays a given annual carry: the inverse of CARRY_RATE.", _
        "Spot price in quote currency.", _
        "Carry per year as a decimal.", _
        "Days to expiry.", _
        "simple, annual or continuous."
    Describe "BASIS_STATS", _
        "Description of a basis history: level, range, shape, persistence and a unit-root test.", _
        "Spot prices, oldest first.", _
        "Futures prices on the same rows.", _
        "Hours from one row to the next."
    Describe "OU_FIT", _
        "Ornstein-Uhlenbeck process fitted to a series: speed, level and noise of mean reversion.", _
        "Levels (a basis, a carry, a funding rate), oldest first, equally spaced.", _
        "Days from one row to the next; 8 hours are 1/3."
    Describe "OU_FORECAST", _
        "Forecast of an Ornstein-Uhlenbeck process: mean, standard deviation and central interval.", _
        "Level today.", _
        "Speed of reversion per year; 0 is a Brownian motion without drift.", _
        "Level to which it reverts.", _
        "Noise per square root of a year.", _
        "Days ahead: one number, or a row or column of them.", _
        "Probability that the level lies between lower and upper."
    Describe "ADF_TEST", _
        "Augmented Dickey-Fuller test: a small p_value speaks for mean reversion.", _
        "Levels, oldest first.", _
        "Lagged differences in the regression; blank = 4(n/100)^(2/9), 4 for 100 rows."
    Describe "COINTEGRATION_TEST", _
        "Engle-Granger test: a small p_value says that spot and future are bound together.", _
        "Spot prices, oldest first, or any other levels (their logs, for a test in logs).", _
        "Futures prices on the same rows."
    Describe "CARRY_CURVE", _
        "Carry of dated futures by expiry, and the forward carry between neighbouring expiries.", _
        "Spot price in quote currency.", _
        "Price of each dated future.", _
        "Days to expiry of each, in the same order; no two alike."
    Describe "ROLL_COST", _
        "What rolling a position from a near into a far expiry costs, and the carry that it locks in.", _
        "Contracts as held, negative for a short.", _
        "Price of the expiry that is left.", _
        "Price of the expiry that is entered.", _
        "Days to the near expiry.", _
        "Days to the far expiry.", _
        "Coins per contract (linear) or face value in quote currency (inverse).", _
        "linear or inverse.", _
        "Trading fee on the notional of each leg.", _
        "Bid-ask spread relative to the price; half of it is paid on each leg."
End Sub

' Funding
Private Sub Register3()
    Describe "FUNDING_RATE", _
        "Funding rate per interval that a venue sets from the average premium.", _
        "Average premium index over the interval, as a decimal; positive while the perpetual trades above spot.", _
        "Interest component per 8 hours.", _
        "Hours between two payments.", _
        "Largest pull towards the interest rate.", _
        "Largest absolute rate per interval; blank = none.", _
        "interest scales only the interest component to the interval; whole scales the rate for 8 hours, as Hyperliquid does."
    Describe "FUNDING_ANNUAL", _
        "Funding rate per year from rates per interval.", _
        "Rates per interval as decimals: one, or a row or column of them.", _
        "Hours per interval: one number, or one for each rate where the venue changed its schedule.", _
        "simple, or compound when every payment is reinvested."
    Describe "FUNDING_PNL", _
        "Funding received (positive) or paid (negative) by a position over a history.", _
        "Contracts held, positive = long, negative = short: one number, or one per payment.", _
        "Mark price at each payment.", _
        "Funding rate of each payment; positive is paid by longs to shorts.", _
        "Coins per contract (linear) or face value in quote currency (inverse).", _
        "linear or inverse."
    Describe "FUNDING_STATS", _
        "Description of a funding history: level, range, negative runs and worst month for a short.", _
        "Funding rates per interval, oldest first.", _
        "Hours between two payments."
    Describe "FUNDING_BREAKEVEN", _
        "Funding rate per interval at which a cash-and-carry (long spot, short perpetual) earns 0.", _
        "Premium of the future over spot at entry, (F - S)/S as a decimal; it is earned.", _
        "Premium expected at exit; it is paid.", _
        "All trading costs, in and out, as a share of the notional.", _
        "Cost of the cash per year as a decimal.", _
        "Days for which the position is held.", _
        "Hours between two funding payments."
    Describe "FUNDING_VAR", _
        "Value at risk of cumulative funding over a horizon, from overlapping historical windows.", _
        "Funding rates per interval, oldest first.", _
        "Size of the position in quote currency, positive for either side.", _
        "Days ahead; a whole number of funding intervals.", _
        "Hours between two payments.", _
        "Confidence level, for example 0.99.", _
        "short receives positive funding and loses when it turns negative; long is the reverse.", _
        "var or es (expected shortfall)."
    Describe "FUNDING_FORECAST", _
        "Funding that a short of notional 1 will have received within each number of days.", _
        "Funding rates per interval, oldest first; at least 110 rows of 8 hours.", _
        "Days ahead, one row of the answer each; whole numbers of funding intervals.", _
        "Hours between two payments.", _
        "Confidence level of the interval, for example 0.95."
End Sub

' Risk
Private Sub Register4()
    Describe "RETURNS", _
        "Returns of a price series, one per row from row lag + 1 on: logarithmic or simple.", _
        "Prices, one row or column, oldest first, all positive.", _
        "'log' for ln(P1/P0), 'simple' for P1/P0 - 1. The VAR functions over returns take simple ones.", _
        "Number of rows that each return spans. Above 1 the returns overlap."
    Describe "PORTFOLIO_VOL", _
        "Volatility of a portfolio from its weights, volatilities and correlations.", _
        "One signed weight per asset: shares of the portfolio, or money; negative is short.", _
        "One volatility per asset, as decimals, all over the same period.", _
        "Square matrix of correlations, in the assets' order; for two assets one number will do."
    Describe "VAR_COVARIANCE", _
        "Value at risk of several positions by the variance-covariance method.", _
        "Market value of each position, signed: short positions are negative.", _
        "Volatility per year of each position's asset, as decimals.", _
        "Square matrix of correlations, in the positions' order; for two positions one number.", _
        "Confidence level, for example 0.99.", _
        "Horizon in calendar days; a year has 365."
    Describe "VAR_CONTRIBUTION", _
        "What each position adds to the value at risk; the rows sum to VAR_COVARIANCE.", _
        "Market value of each position, signed: short positions are negative.", _
        "Volatility per year of each position's asset, as decimals.", _
        "Square matrix of correlations, in the positions' order; for two positions one number.", _
        "Confidence level, for example 0.99.", _
        "Horizon in calendar days; a year has 365."
    Describe "BASIS_VAR", _
        "Value at risk of a hedged position: what the basis can do to it over the horizon.", _
        "Spot prices, one row or column, oldest first.", _
        "Futures prices of the same rows.", _
        "Hedged notional; its sign matters with 'empirical' only: positive is long spot and short futures.", _
        "Confidence level, for example 0.99.", _
        "Horizon in rows of the history.", _
        "'sqrt' scales one row's volatility with sqrt T; 'ou' lets the basis revert to its mean as an Ornstein-Uhlenbeck process; 'empirical' takes the changes over T rows that happened.", _
        "'var' for value at risk, 'es' for expected shortfall."
    Describe "VAR_NORMAL", _
        "Value at risk or expected shortfall of one position whose return is normal.", _
        "Market value of the position, signed: negative for a short.", _
        "Volatility per year, as a decimal.", _
        "Confidence level, for example 0.99.", _
        "Horizon in calendar days; a year has 365.", _
        "Expected return per year, as a decimal.", _
        "'var' for value at risk, 'es' for expected shortfall."
    Describe "VAR_STUDENT", _
        "Value at risk or expected shortfall of one position whose return is Student t.", _
        "Market value of the position, signed: negative for a short.", _
        "Volatility per year, as a decimal.", _
        "Degrees of freedom, above 2; 3 to 6 are usual for crypto, large ones are normal.", _
        "Confidence level, for example 0.99.", _
        "Horizon in calendar days; a year has 365.", _
        "Expected return per year, as a decimal.", _
        "'var' for value at risk, 'es' for expected shortfall."
    Describe "VAR_HISTORICAL", _
        "Value at risk or expected shortfall from the tail of past returns, optionally age-weighted.", _
        "Simple returns, one row or column, oldest first; at least 5/(1 - confidence) of them.", _
        "Market value of the position, signed: a short loses where returns are positive.", _
        "Confidence level, for example 0.99.", _
        "'var' for value at risk, 'es' for expected shortfall.", _
        "Weight of a return relative to the one after it, in (0, 1]; 1 weighs all alike."
    Describe "VAR_CORNISH_FISHER", _
        "Value at risk or expected shortfall from mean, deviation, skewness and kurtosis.", _
        "Simple returns, one row or column, oldest first; at least 100.", _
        "Market value of the position, signed: a short loses where returns are positive.", _
        "Confidence level, for example 0.99.", _
        "'var' for value at risk, 'es' for expected shortfall."
    Describe "VAR_FILTERED", _
        "Value at risk or expected shortfall from past returns rescaled to today's volatility.", _
        "Simple returns, one row or column, oldest first; at least 250, all above -1.", _
        "Market value of the position, signed: a short loses where returns are positive.", _
        "Confidence level, for example 0.99.", _
        "Horizon in rows of the history.", _
        "'var' for value at risk, 'es' for expected shortfall.", _
        "Decay of the exponentially weighted variance, in (0, 1).", _
        "Number of simulated paths, at least 5/(1 - confidence).", _
        "Seed of the random numbers: the same seed gives the same result."
    Describe "VAR_EVT", _
        "Value at risk or expected shortfall from a Pareto distribution fitted to the worst losses.", _
        "Simple returns, one row or column, oldest first; at least 50 must exceed the threshold.", _
        "Market value of the position, signed: a short loses where returns are positive.", _
        "Confidence level, above 'threshold'; it may lie beyond the sample, for example 0.999.", _
        "Quantile of the losses, in (0, 1), above which the tail is fitted.", _
        "'var' for value at risk, 'es' for expected shortfall."
    Describe "JOINT_FIT", _
        "Joint model of spot, basis and funding rate from their history, for VAR_JOINT.", _
        "Spot prices, one row per funding interval, oldest first; at least 110 rows of 8 hours.", _
        "Prices of the perpetual at the same rows.", _
        "Funding rate per interval that was paid at each row.", _
        "Hours between two rows, which is the funding interval."
    Describe "VAR_JOINT", _
        "Value at risk of coins and futures with spot, basis and funding simulated together.", _
        "Coins held, negative when borrowed and sold.", _
        "Spot price today, in quote currency.", _
        "Contracts held, negative for a short.", _
        "Joint model of spot, basis and funding: the table that JOINT_FIT gives. Without its rows of funding it is that of a dated future.", _
        "Horizon in days: a whole number of funding intervals.", _
        "Confidence level, for example 0.99.", _
        "Coins per contract (linear) or face value in quote currency (inverse).", _
        "Number of simulated paths, at least 5/(1 - confidence) and at most 10,000,000.", _
        "Seed of the random numbers: the same seed gives the same result.", _
        "linear or inverse."
    Describe "VAR_BACKTEST", _
        "Backtest of a value at risk: exceptions, Kupiec's and Christoffersen's tests, Basel zone.", _
        "Profit and loss per period, one row or column, oldest first; losses negative.", _
        "Value at risk forecast for the same periods, losses positive: one number or a column.", _
        "Confidence level that the value at risk was made for, for example 0.99."
    Describe "ES_BACKTEST", _
        "Backtest of an expected shortfall: Acerbi and Szekely's Z2, and the exceedance residuals.", _
        "Profit and loss per period, one row or column, oldest first; losses negative.", _
        "Value at risk forecast for the same periods, losses positive: one number or a column.", _
        "Expected shortfall forecast for the same periods, losses positive: one number or a column.", _
        "Confidence level that both were made for, for example 0.975."
    Describe "BOOK_VAR", _
        "Value at risk and shortfall of a whole book from history, with basis, funding and proxies.", _
        "Table with the columns asset, instrument, quantity, price and optionally contract_size, entry_price, account, contract, days (to expiry; such a row pays no funding).", _
        "Table with the columns ASSET spot, ASSET futures, ASSET funding for each asset of the book, ASSET CONTRACT futures for a contract of its own, and optionally time; oldest first.", _
        "Horizon in rows of the history.", _
        "Confidence level, for example 0.99.", _
        "scaled: each window's moves at today's volatility; windows: as they were.", _
        "Decay per row of the exponentially weighted volatility, in (0, 1).", _
        "Table with the columns account, balance and optionally asset, price, kind: coin balances count at full price as spot coins, debts negative."
    Describe "BOOK_PNL", _
        "Profit and loss of today's book in every window of a history, by spot, basis and funding.", _
        "Table of positions, as in BOOK_VAR.", _
        "Table of prices and rates, as in BOOK_VAR.", _
        "Rows per window.", _
        "scaled: each window's moves at today's volatility; windows: as they were.", _
        "Decay per row of the exponentially weighted volatility, in (0, 1).", _
        "Table of accounts, as in BOOK_VAR."
    Describe "BOOK_CONTRIBUTION", _
        "What each position and coin balance adds to the book's expected shortfall.", _
        "Table of positions, as in BOOK_VAR.", _
        "Table of prices and rates, as in BOOK_VAR.", _
        "Horizon in rows of the history.", _
        "Confidence level, for example 0.99.", _
        "scaled: each window's moves at today's volatility; windows: as they were.", _
        "Decay per row of the exponentially weighted volatility, in (0, 1).", _
        "Table of accounts, as in BOOK_VAR."
End Sub

' Margin
Private Sub Register5()
    Describe "MARGIN_TIER", _
        "Maintenance rate, amount, margin or highest leverage of a notional in a venue's brackets.", _
        "Size of the position without sign, in the unit of floor: quote currency (linear) or coin (inverse), contracts, or coins.", _
        "The venue's brackets, smallest first, with the columns floor, rate and optionally amount, max_leverage, schedule (marginal or whole) and unit; the first floor is 0.", _
        "rate, amount (the maintenance amount), margin (the maintenance margin in the unit of notional) or max_leverage."
    Describe "INITIAL_MARGIN", _
        "Initial margin of a futures position: its notional over the leverage.", _
        "Contracts held, positive = long, negative = short.", _
        "Price at which the position is opened.", _
        "Leverage, 10 for tenfold.", _
        "Coins per contract (linear) or face value in quote currency (inverse).", _
        "linear (margin in quote currency) or inverse (margin in coin)."
    Describe "MAINTENANCE_MARGIN", _
        "Maintenance margin of a futures position at a price, by a rate or by a venue's brackets.", _
        "Contracts held, positive = long, negative = short.", _
        "Mark price.", _
        "Maintenance margin rate, 0.005 for 0.5 %. Blank where tiers are given.", _
        "Coins per contract (linear) or face value in quote currency (inverse).", _
        "linear (margin in quote currency) or inverse (margin in coin).", _
        "The venue's brackets, as for LIQ_PRICE; then maintenance_rate is blank."
    Describe "LIQ_PRICE", _
        "Liquidation price of a futures position: the price at which equity equals maintenance.", _
        "Contracts held, positive = long, negative = short.", _
        "Average entry price.", _
        "Margin of the position without unrealised profit: quote currency (linear) or coin (inverse).", _
        "Maintenance margin rate, 0.005 for 0.5 %. Blank where tiers are given.", _
        "Coins per contract (linear) or face value in quote currency (inverse).", _
        "linear or inverse.", _
        "Maintenance amount of the tier, which venues also call deduction or ""cum""; in the unit of wallet_balance.", _
        "Liquidation fee rate where the venue counts it as part of maintenance.", _
        "mark: maintenance is on the price itself (most venues); entry: it is fixed at entry value.", _
        "The venue's brackets, with the columns floor, rate and optionally amount, max_leverage, schedule (marginal or whole) and unit of floor (notional, contracts or coins); then maintenance_rate is blank."
    Describe "LIQ_PRICE_APPROX", _
        "Rule of thumb for a liquidation price from margin rates alone.", _
        "Average entry price.", _
        "Margin as a share of the entry value: 1 / leverage.", _
        "Maintenance margin rate, 0.005 for 0.5 %.", _
        "short or long."
    Describe "LIQ_PRICE_CROSS", _
        "Liquidation price of one asset in a cross-margined account, the others held at their mark.", _
        "Table with the columns asset, instrument, quantity, price and optionally contract_size, entry_price, maintenance_rate, maintenance_amount, fee_rate, days, contract. Futures must be linear and of one account; spot rows are custody and do not count.", _
        "Balance that margins all of them, in the coin in which they settle.", _
        "The coin whose price is sought.", _
        "Brackets with the columns floor, rate and optionally asset, instrument, contract, amount, max_leverage, schedule (marginal or whole) and unit of floor (notional, contracts or coins); a position that a schedule matches has no maintenance_rate of its own.", _
        "above or below today's price, or nearest: the nearer of the two in log price."
    Describe "BANKRUPTCY_PRICE", _
        "Bankruptcy price of a futures position: the price at which its equity is zero.", _
        "Contracts held, positive = long, negative = short.", _
        "Average entry price.", _
        "Margin of the position without unrealised profit: quote currency (linear) or coin (inverse).", _
        "Coins per contract (linear) or face value in quote currency (inverse).", _
        "linear or inverse."
    Describe "MARGIN_RATIO", _
        "Margin ratio of a futures position: maintenance margin over equity; 1 is liquidation.", _
        "Contracts held, positive = long, negative = short.", _
        "Average entry price.", _
        "Price at which the position is valued now.", _
        "Margin of the position without unrealised profit: quote currency (linear) or coin (inverse).", _
        "Maintenance margin rate, 0.005 for 0.5 %. Blank where tiers are given.", _
        "Coins per contract (linear) or face value in quote currency (inverse).", _
        "linear (margin in quote currency) or inverse (margin in coin).", _
        "The venue's brackets, as for LIQ_PRICE; then maintenance_rate is blank.", _
        "Liquidation fee rate, where the venue counts it with maintenance."
    Describe "MARGIN_CALL", _
        "Cash to add to a futures position's margin so that its margin ratio comes back to a target.", _
        "Contracts held, positive = long, negative = short.", _
        "Average entry price.", _
        "Price at which the position is valued now.", _
        "Margin of the position without unrealised profit: quote currency (linear) or coin (inverse).", _
        "Maintenance margin rate, 0.005 for 0.5 %. Blank where tiers are given.", _
        "Coins per contract (linear) or face value in quote currency (inverse).", _
        "linear (margin in quote currency) or inverse (margin in coin).", _
        "The venue's brackets, as for LIQ_PRICE; then maintenance_rate is blank.", _
        "Ratio of maintenance to equity to come back to, above 0 and at most 1.", _
        "Liquidation fee rate, where the venue counts it with maintenance."
    Describe "MARGIN_LADDER", _
        "Margin of a futures position at a ladder of prices: equity, ratio, top-up and status.", _
        "Contracts held, positive = long, negative = short.", _
        "Average entry price, from which the moves are taken.", _
        "Margin of the position without unrealised profit: quote currency (linear) or coin (inverse).", _
        "Maintenance margin rate, 0.005 for 0.5 %. Blank where tiers are given.", _
        "Relative price moves from entry, signed: 0.1 is 10 % up. Left blank: 0 to 50 % against the position in steps of 5 %, which is up for a short and down for a long.", _
        "Coins per contract (linear) or face value in quote currency (inverse).", _
        "linear (margin in quote currency) or inverse (margin in coin).", _
        "The venue's brackets, as for LIQ_PRICE; then maintenance_rate is blank.", _
        "Liquidation fee rate, where the venue counts it with maintenance."
    Describe "LIQ_PROBABILITY", _
        "Probability that the price touches the liquidation price at any moment within some days.", _
        "Price now.", _
        "Liquidation price.", _
        "Volatility per year, 0.6 for 60 %.", _
        "Days from now.", _
        "Expected return of the price per year (of dS/S), 0 for a price without a trend.", _
        "short: liquidated above; long: below. Left blank, it is inferred from liq_price - price, which is wrong for a position beyond its liquidation price."
    Describe "MARGIN_BUFFER", _
        "Wallet balance with which a position survives some days at a confidence.", _
        "Contracts held, positive = long, negative = short.", _
        "Price now, which is also the entry price.", _
        "Volatility per year, 0.6 for 60 %.", _
        "Days for which the balance shall last.", _
        "Maintenance margin rate, 0.005 for 0.5 %. Blank where tiers are given.", _
        "Probability of no liquidation, 0.99 for one in a hundred.", _
        "Coins per contract (linear) or face value in quote currency (inverse).", _
        "linear (balance in quote currency) or inverse (balance in coin).", _
        "The venue's brackets, as for LIQ_PRICE; then maintenance_rate is blank.", _
        "Liquidation fee rate, where the venue counts it with maintenance."
    Describe "ACCOUNT_STATUS", _
        "Equity, maintenance, margin ratio, top-up and status of every margin account today.", _
        "Table with the columns asset, instrument, quantity, price and optionally contract_size, entry_price, beta, account, maintenance_rate, maintenance_amount, fee_rate, days, contract.", _
        "Table with the columns account, balance and optionally asset (blank = settlement coin), price, kind, haircut, haircut_pnl, debt_rate, netting (gross, net or larger).", _
        "Brackets with the columns floor, rate and optionally asset, account, instrument, contract, amount, max_leverage, schedule (marginal or whole) and unit of floor (notional, contracts or coins)."
    Describe "ACCOUNT_LIQUIDATION", _
        "Prices of every asset, below and above today's, at which each account is liquidated.", _
        "As for ACCOUNT_STATUS.", _
        "As for ACCOUNT_STATUS.", _
        "As for ACCOUNT_STATUS.", _
        "held: the other assets stay at their prices; beta: they move as well, by (their beta / this asset's beta) of its log move."
    Describe "ACCOUNT_PROBABILITY", _
        "Probability that each account is liquidated within some days, all assets moving together.", _
        "As for ACCOUNT_STATUS.", _
        "As for ACCOUNT_STATUS.", _
        "Table with the columns asset and volatility (per year), one row for each asset of the book that is no stablecoin.", _
        "Correlation matrix of their returns, in the same order; one number for two assets, blank for one.", _
        "Numbers of days from now, one column of the answer each.", _
        "As for ACCOUNT_STATUS.", _
        "Degrees of freedom of Student's t, above 2; blank for normal returns.", _
        "Number of simulated paths.", _
        "Seed of the random numbers: the same seed gives the same result everywhere."
    Describe "ACCOUNT_BUFFER", _
        "Balance with which each account survives some days at a confidence, all assets moving.", _
        "As for ACCOUNT_PROBABILITY.", _
        "As for ACCOUNT_PROBABILITY.", _
        "As for ACCOUNT_PROBABILITY.", _
        "As for ACCOUNT_PROBABILITY.", _
        "Days for which the balance shall last.", _
        "Probability of no liquidation, 0.99 for one in a hundred.", _
        "As for ACCOUNT_PROBABILITY.", _
        "As for ACCOUNT_PROBABILITY.", _
        "As for ACCOUNT_PROBABILITY.", _
        "As for ACCOUNT_PROBABILITY."
End Sub

' Volatility
Private Sub Register6()
    Describe "VOL_REALIZED", _
        "Realised volatility per year: the standard deviation of log returns.", _
        "Prices, oldest first, equally spaced.", _
        "Rows per year: 365 for daily crypto prices, 1095 for 8-hour ones."
    Describe "VOL_EWMA", _
        "Volatility forecast for the next period per year, by exponential weights (RiskMetrics).", _
        "Prices, oldest first, equally spaced.", _
        "Weight of yesterday's variance, between 0 and 1.", _
        "Rows per year: 365 for daily crypto prices, 1095 for 8-hour ones."
    Describe "VOL_GARCH", _
        "Volatility forecast over the coming periods per year, by a GARCH(1,1) model.", _
        "Prices, oldest first, equally spaced.", _
        "Rows ahead; the forecast is of the average variance over all of them.", _
        "Rows per year: 365 for daily crypto prices, 1095 for 8-hour ones."
    Describe "VOL_HAR", _
        "Volatility forecast for the next day per year, by the heterogeneous autoregressive model.", _
        "Daily prices, oldest first; of another interval, each row counts as a day.", _
        "Rows per year: 365 for daily crypto prices."
    Describe "VOL_RANGE", _
        "Volatility per year from open, high, low and close prices.", _
        "First price of each period, oldest first.", _
        "Highest price of each period.", _
        "Lowest price of each period.", _
        "Last price of each period.", _
        "parkinson (high and low only), garman_klass, rogers_satchell (allows a drift) or yang_zhang (allows a drift and jumps between periods).", _
        "Rows per year: 365 for daily crypto prices, 1095 for 8-hour ones."
    Describe "VOL_TARGET_EXPOSURE", _
        "Exposure that brings a forecast volatility to its target.", _
        "Volatility wanted, per year.", _
        "Volatility expected without a hedge, per year.", _
        "Exposure before scaling: 1 for a share, or money.", _
        "Largest multiple of gross_exposure.", _
        "Smallest multiple of gross_exposure."
    Describe "VOL_TARGET_HEDGE", _
        "Share of a spot holding to hedge so that what is left has the target volatility.", _
        "Volatility wanted for the whole, per year.", _
        "Volatility expected of spot, per year.", _
        "Volatility of the hedged part, that of its basis, per year."
    Describe "VOL_TARGET_TRADE", _
        "Change of exposure to trade: 0 inside a band around the target, else back to it.", _
        "Exposure held.", _
        "Exposure wanted, in the same unit.", _
        "Distance from the target that is left alone, in the unit of the exposures.", _
        "target trades all the way, edge only to the nearer edge of the band."
End Sub

' Stress
Private Sub Register7()
    Describe "STRESS_SCENARIOS", _
        "Named stress scenarios, of the past and hypothetical: the library for STRESS_PNL."
    Describe "STRESS_PNL", _
        "Full revaluation of a book under each scenario, with its margin accounts.", _
        "Table with the columns asset, instrument, quantity, price and optionally contract_size, entry_price, beta, account, maintenance_rate, maintenance_amount, fee_rate, days, contract.", _
        "Table with the columns scenario, spot_shock and optionally basis_shock, funding_rate, intervals, stablecoin_shock, cost_rate, top_up, proxy_shock and columns named after assets, each its own simple return; for example STRESS_SCENARIOS().", _
        "Table with the columns account, balance and optionally asset (blank = settlement coin), price, kind, haircut, haircut_pnl, debt_rate, netting. Left blank, there is no margin to test.", _
        "Brackets, as for ACCOUNT_STATUS."
    Describe "STRESS_ACCOUNTS", _
        "Every margin account under each scenario: equity, maintenance, margin call, liquidation.", _
        "As for STRESS_PNL.", _
        "As for STRESS_PNL.", _
        "As for STRESS_PNL.", _
        "As for STRESS_PNL."
    Describe "STRESS_GRID", _
        "Profit and loss of a book for each pair of a spot shock and a basis shock.", _
        "Table with the columns asset, instrument, quantity, price and optionally others, as in STRESS_PNL.", _
        "Simple returns of the spot price, above -1: one row of the answer each.", _
        "Changes of the log basis ln(S/F): one column of the answer each.", _
        "Margin accounts, as in STRESS_PNL: coins that they hold move with their price."
    Describe "STRESS_REPLAY", _
        "A price history applied to today's book: worst loss, drawdown, first margin call.", _
        "Table with the columns asset, instrument, quantity, price and optionally others, as in STRESS_PNL.", _
        "Spot prices of the history, oldest first; the first row stands for today. Or a history with a header row, as BOOK_VAR takes it: each asset and contract then moves by its own columns, and futures_prices and funding_rates are left blank.", _
        "Futures prices at the same rows.", _
        "Funding rate paid at each row; the first row's, which is before the start, is not used.", _
        "Margin accounts, as in STRESS_PNL.", _
        "Brackets, as in ACCOUNT_STATUS."
    Describe "STRESS_REVERSE", _
        "Smallest spot move up and down that loses an amount, or that liquidates an account.", _
        "Table with the columns asset, instrument, quantity, price and optionally others, as in STRESS_PNL.", _
        "Loss in quote currency as a positive number, or ""liquidation"" for the first account that is liquidated.", _
        "Margin accounts, as in STRESS_PNL.", _
        "Brackets, as in ACCOUNT_STATUS."
End Sub

' Report
Private Sub Register8()
    Describe "HEDGE_REPORT", _
        "The state of a hedged book in one table: exposure, risk, liquidation, margin, worst scenario.", _
        "Table with the columns asset, instrument, quantity, price and optionally contract_size, entry_price, beta, account, maintenance_rate, maintenance_amount, fee_rate, days, contract.", _
        "Margin accounts, as in ACCOUNT_STATUS.", _
        "Volatility per year of the book's only asset, or a table with the columns asset and volatility for a book of several.", _
        "Horizon of value at risk in days.", _
        "Confidence level of value at risk, for example 0.99.", _
        "Joint model of spot, basis and funding as JOINT_FIT gives it, for a book of one asset.", _
        "History with a header row, as BOOK_VAR takes it: the value at risk is then BOOK_VAR's.", _
        "Hours between two rows of the history.", _
        "Brackets, as in ACCOUNT_STATUS.", _
        "Correlation matrix in the order of the table of volatilities."
    Describe "HEDGE_COST", _
        "Cost of a short hedge over its life: trading in and out, funding and financing.", _
        "Value hedged in quote currency; its sign does not matter.", _
        "Trading fee per trade as a decimal; a rebate is negative.", _
        "Difference of ask and bid over the price; half of it is paid per trade.", _
        "Price moved by the own order per trade, as a decimal.", _
        "Average funding rate per interval; a positive one is received by the short.", _
        "Cost of the cash tied up, per year as a decimal.", _
        "Days for which the hedge is held.", _
        "Hours between two funding payments."
    Describe "HEDGE_TRADE", _
        "Contracts to trade to bring a hedge back to its target: 0 inside a band around it.", _
        "Contracts held, positive = long, negative = short.", _
        "Contracts wanted.", _
        "Distance from the target that is left alone, as a share of the target.", _
        "Multiple to which the trade is rounded, halves away from zero; 0 does not round."
End Sub

' About
Private Sub Register9()
    Describe "XLHEDGE_WHY", _
        "Tells in a sentence why a call gives an error, or ""ok"".", _
        "The worksheet function's name, as text.", _
        "Its arguments, exactly as in the call that fails."
    Describe "XLHEDGE_VERSION", _
        "The version of xlhedge that answers, as text."
End Sub

Public Function HEDGE_CONTRACTS(spot_quantity, spot_price, Optional contract_size, _
        Optional hedge_ratio_, Optional futures_price, Optional contract_type, Optional lot, _
        Optional futures_delta)
    HEDGE_CONTRACTS = Answer("HEDGE_CONTRACTS", Array(spot_quantity, spot_price, contract_size, _
        hedge_ratio_, futures_price, contract_type, lot, futures_delta))
End Function

Public Function BETA_CONTRACTS(values, betas, futures_price, Optional contract_size, _
        Optional hedge_fraction, Optional target_beta, Optional lot)
    BETA_CONTRACTS = Answer("BETA_CONTRACTS", Array(values, betas, futures_price, _
        contract_size, hedge_fraction, target_beta, lot))
End Function

Public Function BETA(asset_prices, market_prices, Optional lag)
    BETA = Answer("BETA", Array(asset_prices, market_prices, lag))
End Function

Public Function HEDGE_RATIO(spot_prices, futures_prices, Optional lag)
    HEDGE_RATIO = Answer("HEDGE_RATIO", Array(spot_prices, futures_prices, lag))
End Function

Public Function HEDGE_RATIO_EWMA(spot_prices, futures_prices, Optional decay)
    HEDGE_RATIO_EWMA = Answer("HEDGE_RATIO_EWMA", Array(spot_prices, futures_prices, decay))
End Function

Public Function HEDGE_RATIO_TAIL(spot_prices, futures_prices, Optional confidence, _
        Optional measure)
    HEDGE_RATIO_TAIL = Answer("HEDGE_RATIO_TAIL", Array(spot_prices, futures_prices, _
        confidence, measure))
End Function

Public Function HEDGE_STATS(spot_prices, futures_prices, Optional lag)
    HEDGE_STATS = Answer("HEDGE_STATS", Array(spot_prices, futures_prices, lag))
End Function

Public Function HEDGE_RATIOS(spot_prices, futures_prices, Optional lag)
    HEDGE_RATIOS = Answer("HEDGE_RATIOS", Array(spot_prices, futures_prices, lag))
End Function

Public Function HEDGE_ROLLING(spot_prices, futures_prices, window, Optional lag)
    HEDGE_ROLLING = Answer("HEDGE_ROLLING", Array(spot_prices, futures_prices, window, lag))
End Function

Public Function HEDGE_EFFECTIVENESS(spot_prices, futures_prices, hedge_ratio_, _
        Optional measure, Optional confidence)
    HEDGE_EFFECTIVENESS = Answer("HEDGE_EFFECTIVENESS", Array(spot_prices, futures_prices, _
        hedge_ratio_, measure, confidence))
End Function

Public Function CONTRACT_PNL(contracts, entry_price, exit_price, Optional contract_size, _
        Optional contract_type)
    CONTRACT_PNL = Answer("CONTRACT_PNL", Array(contracts, entry_price, exit_price, _
        contract_size, contract_type))
End Function

Public Function CONTRACT_DELTA(contracts, price, Optional contract_size, _
        Optional contract_type, Optional carry_rate_, Optional days)
    CONTRACT_DELTA = Answer("CONTRACT_DELTA", Array(contracts, price, contract_size, _
        contract_type, carry_rate_, days))
End Function

Public Function PORTFOLIO_DELTA(positions, Optional accounts)
    PORTFOLIO_DELTA = Answer("PORTFOLIO_DELTA", Array(positions, accounts))
End Function

Public Function BASIS(spot_price, futures_price, Optional unit)
    BASIS = Answer("BASIS", Array(spot_price, futures_price, unit))
End Function

Public Function BASIS_PNL(spot_entry, futures_entry, spot_exit, futures_exit, _
        Optional quantity, Optional hedge_ratio_)
    BASIS_PNL = Answer("BASIS_PNL", Array(spot_entry, futures_entry, spot_exit, futures_exit, _
        quantity, hedge_ratio_))
End Function

Public Function CARRY_RATE(spot_price, futures_price, days, Optional compounding)
    CARRY_RATE = Answer("CARRY_RATE", Array(spot_price, futures_price, days, compounding))
End Function

Public Function FAIR_FUTURE(spot_price, carry_rate_, days, Optional compounding)
    FAIR_FUTURE = Answer("FAIR_FUTURE", Array(spot_price, carry_rate_, days, compounding))
End Function

Public Function BASIS_STATS(spot_prices, futures_prices, Optional interval_hours)
    BASIS_STATS = Answer("BASIS_STATS", Array(spot_prices, futures_prices, interval_hours))
End Function

Public Function OU_FIT(series, interval_days)
    OU_FIT = Answer("OU_FIT", Array(series, interval_days))
End Function

Public Function OU_FORECAST(current, theta, mu, sigma, horizon_days, Optional confidence)
    OU_FORECAST = Answer("OU_FORECAST", Array(current, theta, mu, sigma, horizon_days, _
        confidence))
End Function

Public Function ADF_TEST(series, Optional lags)
    ADF_TEST = Answer("ADF_TEST", Array(series, lags))
End Function

Public Function COINTEGRATION_TEST(spot_prices, futures_prices)
    COINTEGRATION_TEST = Answer("COINTEGRATION_TEST", Array(spot_prices, futures_prices))
End Function

Public Function CARRY_CURVE(spot_price, futures_prices, days)
    CARRY_CURVE = Answer("CARRY_CURVE", Array(spot_price, futures_prices, days))
End Function

Public Function ROLL_COST(contracts, near_price, far_price, near_days, far_days, _
        Optional contract_size, Optional contract_type, Optional fee_rate, Optional spread)
    ROLL_COST = Answer("ROLL_COST", Array(contracts, near_price, far_price, near_days, _
        far_days, contract_size, contract_type, fee_rate, spread))
End Function

Public Function FUNDING_RATE(premium, Optional interest, Optional interval_hours, _
        Optional clamp, Optional cap, Optional scaling)
    FUNDING_RATE = Answer("FUNDING_RATE", Array(premium, interest, interval_hours, clamp, cap, _
        scaling))
End Function

Public Function FUNDING_ANNUAL(rates, Optional interval_hours, Optional compounding)
    FUNDING_ANNUAL = Answer("FUNDING_ANNUAL", Array(rates, interval_hours, compounding))
End Function

Public Function FUNDING_PNL(contracts, mark_prices, rates, Optional contract_size, _
        Optional contract_type)
    FUNDING_PNL = Answer("FUNDING_PNL", Array(contracts, mark_prices, rates, contract_size, _
        contract_type))
End Function

Public Function FUNDING_STATS(rates, Optional interval_hours)
    FUNDING_STATS = Answer("FUNDING_STATS", Array(rates, interval_hours))
End Function

Public Function FUNDING_BREAKEVEN(entry_premium, exit_premium, costs, financing_rate, days, _
        Optional interval_hours)
    FUNDING_BREAKEVEN = Answer("FUNDING_BREAKEVEN", Array(entry_premium, exit_premium, costs, _
        financing_rate, days, interval_hours))
End Function

Public Function FUNDING_VAR(rates, notional, horizon_days, Optional interval_hours, _
        Optional confidence, Optional side, Optional measure)
    FUNDING_VAR = Answer("FUNDING_VAR", Array(rates, notional, horizon_days, interval_hours, _
        confidence, side, measure))
End Function

Public Function FUNDING_FORECAST(rates, days, Optional interval_hours, Optional confidence)
    FUNDING_FORECAST = Answer("FUNDING_FORECAST", Array(rates, days, interval_hours, _
        confidence))
End Function

Public Function RETURNS(prices, Optional kind, Optional lag)
    RETURNS = Answer("RETURNS", Array(prices, kind, lag))
End Function

Public Function PORTFOLIO_VOL(weights, volatilities, correlations)
    PORTFOLIO_VOL = Answer("PORTFOLIO_VOL", Array(weights, volatilities, correlations))
End Function

Public Function VAR_COVARIANCE(values, volatilities, correlations, Optional confidence, _
        Optional horizon_days)
    VAR_COVARIANCE = Answer("VAR_COVARIANCE", Array(values, volatilities, correlations, _
        confidence, horizon_days))
End Function

Public Function VAR_CONTRIBUTION(values, volatilities, correlations, Optional confidence, _
        Optional horizon_days)
    VAR_CONTRIBUTION = Answer("VAR_CONTRIBUTION", Array(values, volatilities, correlations, _
        confidence, horizon_days))
End Function

Public Function BASIS_VAR(spot_prices, futures_prices, value, Optional confidence, _
        Optional horizon_periods, Optional scaling, Optional measure)
    BASIS_VAR = Answer("BASIS_VAR", Array(spot_prices, futures_prices, value, confidence, _
        horizon_periods, scaling, measure))
End Function

Public Function VAR_NORMAL(value, volatility, Optional confidence, Optional horizon_days, _
        Optional mean, Optional measure)
    VAR_NORMAL = Answer("VAR_NORMAL", Array(value, volatility, confidence, horizon_days, mean, _
        measure))
End Function

Public Function VAR_STUDENT(value, volatility, degrees_of_freedom, Optional confidence, _
        Optional horizon_days, Optional mean, Optional measure)
    VAR_STUDENT = Answer("VAR_STUDENT", Array(value, volatility, degrees_of_freedom, _
        confidence, horizon_days, mean, measure))
End Function

Public Function VAR_HISTORICAL(returns_, value, Optional confidence, Optional measure, _
        Optional decay)
    VAR_HISTORICAL = Answer("VAR_HISTORICAL", Array(returns_, value, confidence, measure, _
        decay))
End Function

Public Function VAR_CORNISH_FISHER(returns_, value, Optional confidence, Optional measure)
    VAR_CORNISH_FISHER = Answer("VAR_CORNISH_FISHER", Array(returns_, value, confidence, _
        measure))
End Function

Public Function VAR_FILTERED(returns_, value, Optional confidence, Optional horizon_periods, _
        Optional measure, Optional decay, Optional paths, Optional seed)
    VAR_FILTERED = Answer("VAR_FILTERED", Array(returns_, value, confidence, horizon_periods, _
        measure, decay, paths, seed), True)
End Function

Public Function VAR_EVT(returns_, value, Optional confidence, Optional threshold, _
        Optional measure)
    VAR_EVT = Answer("VAR_EVT", Array(returns_, value, confidence, threshold, measure))
End Function

Public Function JOINT_FIT(spot_prices, futures_prices, funding_rates, Optional interval_hours)
    JOINT_FIT = Answer("JOINT_FIT", Array(spot_prices, futures_prices, funding_rates, _
        interval_hours))
End Function

Public Function VAR_JOINT(spot_quantity, spot_price, contracts, model, Optional horizon_days, _
        Optional confidence, Optional contract_size, Optional paths, Optional seed, _
        Optional contract_type)
    VAR_JOINT = Answer("VAR_JOINT", Array(spot_quantity, spot_price, contracts, model, _
        horizon_days, confidence, contract_size, paths, seed, contract_type), True)
End Function

Public Function VAR_BACKTEST(pnl, var, Optional confidence)
    VAR_BACKTEST = Answer("VAR_BACKTEST", Array(pnl, var, confidence))
End Function

Public Function ES_BACKTEST(pnl, var, es, Optional confidence)
    ES_BACKTEST = Answer("ES_BACKTEST", Array(pnl, var, es, confidence))
End Function

Public Function BOOK_VAR(positions, history, Optional horizon_periods, Optional confidence, _
        Optional method, Optional decay, Optional accounts)
    BOOK_VAR = Answer("BOOK_VAR", Array(positions, history, horizon_periods, confidence, _
        method, decay, accounts))
End Function

Public Function BOOK_PNL(positions, history, Optional horizon_periods, Optional method, _
        Optional decay, Optional accounts)
    BOOK_PNL = Answer("BOOK_PNL", Array(positions, history, horizon_periods, method, decay, _
        accounts))
End Function

Public Function BOOK_CONTRIBUTION(positions, history, Optional horizon_periods, _
        Optional confidence, Optional method, Optional decay, Optional accounts)
    BOOK_CONTRIBUTION = Answer("BOOK_CONTRIBUTION", Array(positions, history, horizon_periods, _
        confidence, method, decay, accounts))
End Function

Public Function MARGIN_TIER(notional, tiers, Optional what)
    MARGIN_TIER = Answer("MARGIN_TIER", Array(notional, tiers, what))
End Function

Public Function INITIAL_MARGIN(contracts, price, leverage, Optional contract_size, _
        Optional contract_type)
    INITIAL_MARGIN = Answer("INITIAL_MARGIN", Array(contracts, price, leverage, contract_size, _
        contract_type))
End Function

Public Function MAINTENANCE_MARGIN(contracts, price, maintenance_rate, Optional contract_size, _
        Optional contract_type, Optional tiers)
    MAINTENANCE_MARGIN = Answer("MAINTENANCE_MARGIN", Array(contracts, price, maintenance_rate, _
        contract_size, contract_type, tiers))
End Function

Public Function LIQ_PRICE(contracts, entry_price, wallet_balance, maintenance_rate, _
        Optional contract_size, Optional contract_type, Optional maintenance_amount, _
        Optional fee_rate, Optional convention, Optional tiers)
    LIQ_PRICE = Answer("LIQ_PRICE", Array(contracts, entry_price, wallet_balance, _
        maintenance_rate, contract_size, contract_type, maintenance_amount, fee_rate, _
        convention, tiers))
End Function

Public Function LIQ_PRICE_APPROX(entry_price, initial_margin_rate, maintenance_rate, _
        Optional side)
    LIQ_PRICE_APPROX = Answer("LIQ_PRICE_APPROX", Array(entry_price, initial_margin_rate, _
        maintenance_rate, side))
End Function

Public Function LIQ_PRICE_CROSS(positions, wallet_balance, asset, Optional tiers, Optional side)
    LIQ_PRICE_CROSS = Answer("LIQ_PRICE_CROSS", Array(positions, wallet_balance, asset, tiers, _
        side))
End Function

Public Function BANKRUPTCY_PRICE(contracts, entry_price, wallet_balance, _
        Optional contract_size, Optional contract_type)
    BANKRUPTCY_PRICE = Answer("BANKRUPTCY_PRICE", Array(contracts, entry_price, wallet_balance, _
        contract_size, contract_type))
End Function

Public Function MARGIN_RATIO(contracts, entry_price, mark_price, wallet_balance, _
        maintenance_rate, Optional contract_size, Optional contract_type, Optional tiers, _
        Optional fee_rate)
    MARGIN_RATIO = Answer("MARGIN_RATIO", Array(contracts, entry_price, mark_price, _
        wallet_balance, maintenance_rate, contract_size, contract_type, tiers, fee_rate))
End Function

Public Function MARGIN_CALL(contracts, entry_price, mark_price, wallet_balance, _
        maintenance_rate, Optional contract_size, Optional contract_type, Optional tiers, _
        Optional target_ratio, Optional fee_rate)
    MARGIN_CALL = Answer("MARGIN_CALL", Array(contracts, entry_price, mark_price, _
        wallet_balance, maintenance_rate, contract_size, contract_type, tiers, target_ratio, _
        fee_rate))
End Function

Public Function MARGIN_LADDER(contracts, entry_price, wallet_balance, maintenance_rate, _
        Optional moves, Optional contract_size, Optional contract_type, Optional tiers, _
        Optional fee_rate)
    MARGIN_LADDER = Answer("MARGIN_LADDER", Array(contracts, entry_price, wallet_balance, _
        maintenance_rate, moves, contract_size, contract_type, tiers, fee_rate))
End Function

Public Function LIQ_PROBABILITY(price, liq_price_, volatility, days, Optional drift, _
        Optional side)
    LIQ_PROBABILITY = Answer("LIQ_PROBABILITY", Array(price, liq_price_, volatility, days, _
        drift, side))
End Function

Public Function MARGIN_BUFFER(contracts, price, volatility, days, maintenance_rate, _
        Optional confidence, Optional contract_size, Optional contract_type, Optional tiers, _
        Optional fee_rate)
    MARGIN_BUFFER = Answer("MARGIN_BUFFER", Array(contracts, price, volatility, days, _
        maintenance_rate, confidence, contract_size, contract_type, tiers, fee_rate))
End Function

Public Function ACCOUNT_STATUS(positions, accounts, Optional tiers)
    ACCOUNT_STATUS = Answer("ACCOUNT_STATUS", Array(positions, accounts, tiers))
End Function

Public Function ACCOUNT_LIQUIDATION(positions, accounts, Optional tiers, Optional others)
    ACCOUNT_LIQUIDATION = Answer("ACCOUNT_LIQUIDATION", Array(positions, accounts, tiers, _
        others))
End Function

Public Function ACCOUNT_PROBABILITY(positions, accounts, volatilities, correlations, days, _
        Optional tiers, Optional degrees_of_freedom, Optional paths, Optional seed)
    ACCOUNT_PROBABILITY = Answer("ACCOUNT_PROBABILITY", Array(positions, accounts, _
        volatilities, correlations, days, tiers, degrees_of_freedom, paths, seed), True)
End Function

Public Function ACCOUNT_BUFFER(positions, accounts, volatilities, correlations, days, _
        Optional confidence, Optional tiers, Optional degrees_of_freedom, Optional paths, _
        Optional seed)
    ACCOUNT_BUFFER = Answer("ACCOUNT_BUFFER", Array(positions, accounts, volatilities, _
        correlations, days, confidence, tiers, degrees_of_freedom, paths, seed), True)
End Function

Public Function VOL_REALIZED(prices, Optional periods_per_year)
    VOL_REALIZED = Answer("VOL_REALIZED", Array(prices, periods_per_year))
End Function

Public Function VOL_EWMA(prices, Optional decay, Optional periods_per_year)
    VOL_EWMA = Answer("VOL_EWMA", Array(prices, decay, periods_per_year))
End Function

Public Function VOL_GARCH(prices, Optional horizon_periods, Optional periods_per_year)
    VOL_GARCH = Answer("VOL_GARCH", Array(prices, horizon_periods, periods_per_year))
End Function

Public Function VOL_HAR(prices, Optional periods_per_year)
    VOL_HAR = Answer("VOL_HAR", Array(prices, periods_per_year))
End Function

Public Function VOL_RANGE(open_, high, low, close_, Optional estimator, _
        Optional periods_per_year)
    VOL_RANGE = Answer("VOL_RANGE", Array(open_, high, low, close_, estimator, _
        periods_per_year))
End Function

Public Function VOL_TARGET_EXPOSURE(target_volatility, forecast_volatility, _
        Optional gross_exposure, Optional max_leverage, Optional min_exposure)
    VOL_TARGET_EXPOSURE = Answer("VOL_TARGET_EXPOSURE", Array(target_volatility, _
        forecast_volatility, gross_exposure, max_leverage, min_exposure))
End Function

Public Function VOL_TARGET_HEDGE(target_volatility, forecast_volatility, _
        Optional residual_volatility)
    VOL_TARGET_HEDGE = Answer("VOL_TARGET_HEDGE", Array(target_volatility, forecast_volatility, _
        residual_volatility))
End Function

Public Function VOL_TARGET_TRADE(current_exposure, target_exposure, Optional band, Optional to_)
    VOL_TARGET_TRADE = Answer("VOL_TARGET_TRADE", Array(current_exposure, target_exposure, _
        band, to_))
End Function

Public Function STRESS_SCENARIOS()
    STRESS_SCENARIOS = Answer("STRESS_SCENARIOS", Array())
End Function

Public Function STRESS_PNL(positions, scenarios, Optional accounts, Optional tiers)
    STRESS_PNL = Answer("STRESS_PNL", Array(positions, scenarios, accounts, tiers))
End Function

Public Function STRESS_ACCOUNTS(positions, scenarios, accounts, Optional tiers)
    STRESS_ACCOUNTS = Answer("STRESS_ACCOUNTS", Array(positions, scenarios, accounts, tiers))
End Function

Public Function STRESS_GRID(positions, spot_shocks, basis_shocks, Optional accounts)
    STRESS_GRID = Answer("STRESS_GRID", Array(positions, spot_shocks, basis_shocks, accounts))
End Function

Public Function STRESS_REPLAY(positions, spot_prices, Optional futures_prices, _
        Optional funding_rates, Optional accounts, Optional tiers)
    STRESS_REPLAY = Answer("STRESS_REPLAY", Array(positions, spot_prices, futures_prices, _
        funding_rates, accounts, tiers))
End Function

Public Function STRESS_REVERSE(positions, target, Optional accounts, Optional tiers)
    STRESS_REVERSE = Answer("STRESS_REVERSE", Array(positions, target, accounts, tiers))
End Function

Public Function HEDGE_REPORT(positions, accounts, volatility, Optional horizon_days, _
        Optional confidence, Optional model, Optional history, Optional interval_hours, _
        Optional tiers, Optional correlations)
    HEDGE_REPORT = Answer("HEDGE_REPORT", Array(positions, accounts, volatility, horizon_days, _
        confidence, model, history, interval_hours, tiers, correlations))
End Function

Public Function HEDGE_COST(notional, Optional fee_rate, Optional spread, Optional impact, _
        Optional funding_rate_, Optional financing_rate, Optional days, Optional interval_hours)
    HEDGE_COST = Answer("HEDGE_COST", Array(notional, fee_rate, spread, impact, funding_rate_, _
        financing_rate, days, interval_hours))
End Function

Public Function HEDGE_TRADE(current_contracts, target_contracts, Optional band, Optional lot)
    HEDGE_TRADE = Answer("HEDGE_TRADE", Array(current_contracts, target_contracts, band, lot))
End Function

Public Function XLHEDGE_WHY(function_name, ParamArray arguments())
    Dim given() As Variant, i As Long
    ReDim given(0 To UBound(arguments) + 1)
    If TypeName(function_name) = "Range" Then
        given(0) = Contents(function_name)
    ElseIf Not IsMissing(function_name) Then
        given(0) = function_name
    End If
    For i = 0 To UBound(arguments)
        If TypeName(arguments(i)) = "Range" Then
            given(i + 1) = Contents(arguments(i))
        ElseIf Not IsMissing(arguments(i)) Then
            given(i + 1) = arguments(i)
        End If
    Next i
    XLHEDGE_WHY = Answer("XLHEDGE_WHY", given)
End Function

Public Function XLHEDGE_VERSION()
    XLHEDGE_VERSION = Answer("XLHEDGE_VERSION", Array())
End Function

Public Function XLH_HEDGE_CONTRACTS(spot_quantity, spot_price, Optional contract_size, _
        Optional hedge_ratio_, Optional futures_price, Optional contract_type, Optional lot, _
        Optional futures_delta)
    XLH_HEDGE_CONTRACTS = Answer("HEDGE_CONTRACTS", Array(spot_quantity, spot_price, _
        contract_size, hedge_ratio_, futures_price, contract_type, lot, futures_delta))
End Function

Public Function XLH_BETA_CONTRACTS(values, betas, futures_price, Optional contract_size, _
        Optional hedge_fraction, Optional target_beta, Optional lot)
    XLH_BETA_CONTRACTS = Answer("BETA_CONTRACTS", Array(values, betas, futures_price, _
        contract_size, hedge_fraction, target_beta, lot))
End Function

Public Function XLH_BETA(asset_prices, market_prices, Optional lag)
    XLH_BETA = Answer("BETA", Array(asset_prices, market_prices, lag))
End Function

Public Function XLH_HEDGE_RATIO(spot_prices, futures_prices, Optional lag)
    XLH_HEDGE_RATIO = Answer("HEDGE_RATIO", Array(spot_prices, futures_prices, lag))
End Function

Public Function XLH_HEDGE_RATIO_EWMA(spot_prices, futures_prices, Optional decay)
    XLH_HEDGE_RATIO_EWMA = Answer("HEDGE_RATIO_EWMA", Array(spot_prices, futures_prices, decay))
End Function

Public Function XLH_HEDGE_RATIO_TAIL(spot_prices, futures_prices, Optional confidence, _
        Optional measure)
    XLH_HEDGE_RATIO_TAIL = Answer("HEDGE_RATIO_TAIL", Array(spot_prices, futures_prices, _
        confidence, measure))
End Function

Public Function XLH_HEDGE_STATS(spot_prices, futures_prices, Optional lag)
    XLH_HEDGE_STATS = Answer("HEDGE_STATS", Array(spot_prices, futures_prices, lag))
End Function

Public Function XLH_HEDGE_RATIOS(spot_prices, futures_prices, Optional lag)
    XLH_HEDGE_RATIOS = Answer("HEDGE_RATIOS", Array(spot_prices, futures_prices, lag))
End Function

Public Function XLH_HEDGE_ROLLING(spot_prices, futures_prices, window, Optional lag)
    XLH_HEDGE_ROLLING = Answer("HEDGE_ROLLING", Array(spot_prices, futures_prices, window, lag))
End Function

Public Function XLH_HEDGE_EFFECTIVENESS(spot_prices, futures_prices, hedge_ratio_, _
        Optional measure, Optional confidence)
    XLH_HEDGE_EFFECTIVENESS = Answer("HEDGE_EFFECTIVENESS", Array(spot_prices, futures_prices, _
        hedge_ratio_, measure, confidence))
End Function

Public Function XLH_CONTRACT_PNL(contracts, entry_price, exit_price, Optional contract_size, _
        Optional contract_type)
    XLH_CONTRACT_PNL = Answer("CONTRACT_PNL", Array(contracts, entry_price, exit_price, _
        contract_size, contract_type))
End Function

Public Function XLH_CONTRACT_DELTA(contracts, price, Optional contract_size, _
        Optional contract_type, Optional carry_rate_, Optional days)
    XLH_CONTRACT_DELTA = Answer("CONTRACT_DELTA", Array(contracts, price, contract_size, _
        contract_type, carry_rate_, days))
End Function

Public Function XLH_PORTFOLIO_DELTA(positions, Optional accounts)
    XLH_PORTFOLIO_DELTA = Answer("PORTFOLIO_DELTA", Array(positions, accounts))
End Function

Public Function XLH_BASIS(spot_price, futures_price, Optional unit)
    XLH_BASIS = Answer("BASIS", Array(spot_price, futures_price, unit))
End Function

Public Function XLH_BASIS_PNL(spot_entry, futures_entry, spot_exit, futures_exit, _
        Optional quantity, Optional hedge_ratio_)
    XLH_BASIS_PNL = Answer("BASIS_PNL", Array(spot_entry, futures_entry, spot_exit, _
        futures_exit, quantity, hedge_ratio_))
End Function

Public Function XLH_CARRY_RATE(spot_price, futures_price, days, Optional compounding)
    XLH_CARRY_RATE = Answer("CARRY_RATE", Array(spot_price, futures_price, days, compounding))
End Function

Public Function XLH_FAIR_FUTURE(spot_price, carry_rate_, days, Optional compounding)
    XLH_FAIR_FUTURE = Answer("FAIR_FUTURE", Array(spot_price, carry_rate_, days, compounding))
End Function

Public Function XLH_BASIS_STATS(spot_prices, futures_prices, Optional interval_hours)
    XLH_BASIS_STATS = Answer("BASIS_STATS", Array(spot_prices, futures_prices, interval_hours))
End Function

Public Function XLH_OU_FIT(series, interval_days)
    XLH_OU_FIT = Answer("OU_FIT", Array(series, interval_days))
End Function

Public Function XLH_OU_FORECAST(current, theta, mu, sigma, horizon_days, Optional confidence)
    XLH_OU_FORECAST = Answer("OU_FORECAST", Array(current, theta, mu, sigma, horizon_days, _
        confidence))
End Function

Public Function XLH_ADF_TEST(series, Optional lags)
    XLH_ADF_TEST = Answer("ADF_TEST", Array(series, lags))
End Function

Public Function XLH_COINTEGRATION_TEST(spot_prices, futures_prices)
    XLH_COINTEGRATION_TEST = Answer("COINTEGRATION_TEST", Array(spot_prices, futures_prices))
End Function

Public Function XLH_CARRY_CURVE(spot_price, futures_prices, days)
    XLH_CARRY_CURVE = Answer("CARRY_CURVE", Array(spot_price, futures_prices, days))
End Function

Public Function XLH_ROLL_COST(contracts, near_price, far_price, near_days, far_days, _
        Optional contract_size, Optional contract_type, Optional fee_rate, Optional spread)
    XLH_ROLL_COST = Answer("ROLL_COST", Array(contracts, near_price, far_price, near_days, _
        far_days, contract_size, contract_type, fee_rate, spread))
End Function

Public Function XLH_FUNDING_RATE(premium, Optional interest, Optional interval_hours, _
        Optional clamp, Optional cap, Optional scaling)
    XLH_FUNDING_RATE = Answer("FUNDING_RATE", Array(premium, interest, interval_hours, clamp, _
        cap, scaling))
End Function

Public Function XLH_FUNDING_ANNUAL(rates, Optional interval_hours, Optional compounding)
    XLH_FUNDING_ANNUAL = Answer("FUNDING_ANNUAL", Array(rates, interval_hours, compounding))
End Function

Public Function XLH_FUNDING_PNL(contracts, mark_prices, rates, Optional contract_size, _
        Optional contract_type)
    XLH_FUNDING_PNL = Answer("FUNDING_PNL", Array(contracts, mark_prices, rates, contract_size, _
        contract_type))
End Function

Public Function XLH_FUNDING_STATS(rates, Optional interval_hours)
    XLH_FUNDING_STATS = Answer("FUNDING_STATS", Array(rates, interval_hours))
End Function

Public Function XLH_FUNDING_BREAKEVEN(entry_premium, exit_premium, costs, financing_rate, days, _
        Optional interval_hours)
    XLH_FUNDING_BREAKEVEN = Answer("FUNDING_BREAKEVEN", Array(entry_premium, exit_premium, _
        costs, financing_rate, days, interval_hours))
End Function

Public Function XLH_FUNDING_VAR(rates, notional, horizon_days, Optional interval_hours, _
        Optional confidence, Optional side, Optional measure)
    XLH_FUNDING_VAR = Answer("FUNDING_VAR", Array(rates, notional, horizon_days, _
        interval_hours, confidence, side, measure))
End Function

Public Function XLH_FUNDING_FORECAST(rates, days, Optional interval_hours, Optional confidence)
    XLH_FUNDING_FORECAST = Answer("FUNDING_FORECAST", Array(rates, days, interval_hours, _
        confidence))
End Function

Public Function XLH_RETURNS(prices, Optional kind, Optional lag)
    XLH_RETURNS = Answer("RETURNS", Array(prices, kind, lag))
End Function

Public Function XLH_PORTFOLIO_VOL(weights, volatilities, correlations)
    XLH_PORTFOLIO_VOL = Answer("PORTFOLIO_VOL", Array(weights, volatilities, correlations))
End Function

Public Function XLH_VAR_COVARIANCE(values, volatilities, correlations, Optional confidence, _
        Optional horizon_days)
    XLH_VAR_COVARIANCE = Answer("VAR_COVARIANCE", Array(values, volatilities, correlations, _
        confidence, horizon_days))
End Function

Public Function XLH_VAR_CONTRIBUTION(values, volatilities, correlations, Optional confidence, _
        Optional horizon_days)
    XLH_VAR_CONTRIBUTION = Answer("VAR_CONTRIBUTION", Array(values, volatilities, correlations, _
        confidence, horizon_days))
End Function

Public Function XLH_BASIS_VAR(spot_prices, futures_prices, value, Optional confidence, _
        Optional horizon_periods, Optional scaling, Optional measure)
    XLH_BASIS_VAR = Answer("BASIS_VAR", Array(spot_prices, futures_prices, value, confidence, _
        horizon_periods, scaling, measure))
End Function

Public Function XLH_VAR_NORMAL(value, volatility, Optional confidence, Optional horizon_days, _
        Optional mean, Optional measure)
    XLH_VAR_NORMAL = Answer("VAR_NORMAL", Array(value, volatility, confidence, horizon_days, _
        mean, measure))
End Function

Public Function XLH_VAR_STUDENT(value, volatility, degrees_of_freedom, Optional confidence, _
        Optional horizon_days, Optional mean, Optional measure)
    XLH_VAR_STUDENT = Answer("VAR_STUDENT", Array(value, volatility, degrees_of_freedom, _
        confidence, horizon_days, mean, measure))
End Function

Public Function XLH_VAR_HISTORICAL(returns_, value, Optional confidence, Optional measure, _
        Optional decay)
    XLH_VAR_HISTORICAL = Answer("VAR_HISTORICAL", Array(returns_, value, confidence, measure, _
        decay))
End Function

Public Function XLH_VAR_CORNISH_FISHER(returns_, value, Optional confidence, Optional measure)
    XLH_VAR_CORNISH_FISHER = Answer("VAR_CORNISH_FISHER", Array(returns_, value, confidence, _
        measure))
End Function

Public Function XLH_VAR_FILTERED(returns_, value, Optional confidence, _
        Optional horizon_periods, Optional measure, Optional decay, Optional paths, _
        Optional seed)
    XLH_VAR_FILTERED = Answer("VAR_FILTERED", Array(returns_, value, confidence, _
        horizon_periods, measure, decay, paths, seed), True)
End Function

Public Function XLH_VAR_EVT(returns_, value, Optional confidence, Optional threshold, _
        Optional measure)
    XLH_VAR_EVT = Answer("VAR_EVT", Array(returns_, value, confidence, threshold, measure))
End Function

Public Function XLH_JOINT_FIT(spot_prices, futures_prices, funding_rates, _
        Optional interval_hours)
    XLH_JOINT_FIT = Answer("JOINT_FIT", Array(spot_prices, futures_prices, funding_rates, _
        interval_hours))
End Function

Public Function XLH_VAR_JOINT(spot_quantity, spot_price, contracts, model, _
        Optional horizon_days, Optional confidence, Optional contract_size, Optional paths, _
        Optional seed, Optional contract_type)
    XLH_VAR_JOINT = Answer("VAR_JOINT", Array(spot_quantity, spot_price, contracts, model, _
        horizon_days, confidence, contract_size, paths, seed, contract_type), True)
End Function

Public Function XLH_VAR_BACKTEST(pnl, var, Optional confidence)
    XLH_VAR_BACKTEST = Answer("VAR_BACKTEST", Array(pnl, var, confidence))
End Function

Public Function XLH_ES_BACKTEST(pnl, var, es, Optional confidence)
    XLH_ES_BACKTEST = Answer("ES_BACKTEST", Array(pnl, var, es, confidence))
End Function

Public Function XLH_BOOK_VAR(positions, history, Optional horizon_periods, Optional confidence, _
        Optional method, Optional decay, Optional accounts)
    XLH_BOOK_VAR = Answer("BOOK_VAR", Array(positions, history, horizon_periods, confidence, _
        method, decay, accounts))
End Function

Public Function XLH_BOOK_PNL(positions, history, Optional horizon_periods, Optional method, _
        Optional decay, Optional accounts)
    XLH_BOOK_PNL = Answer("BOOK_PNL", Array(positions, history, horizon_periods, method, decay, _
        accounts))
End Function

Public Function XLH_BOOK_CONTRIBUTION(positions, history, Optional horizon_periods, _
        Optional confidence, Optional method, Optional decay, Optional accounts)
    XLH_BOOK_CONTRIBUTION = Answer("BOOK_CONTRIBUTION", Array(positions, history, _
        horizon_periods, confidence, method, decay, accounts))
End Function

Public Function XLH_MARGIN_TIER(notional, tiers, Optional what)
    XLH_MARGIN_TIER = Answer("MARGIN_TIER", Array(notional, tiers, what))
End Function

Public Function XLH_INITIAL_MARGIN(contracts, price, leverage, Optional contract_size, _
        Optional contract_type)
    XLH_INITIAL_MARGIN = Answer("INITIAL_MARGIN", Array(contracts, price, leverage, _
        contract_size, contract_type))
End Function

Public Function XLH_MAINTENANCE_MARGIN(contracts, price, maintenance_rate, _
        Optional contract_size, Optional contract_type, Optional tiers)
    XLH_MAINTENANCE_MARGIN = Answer("MAINTENANCE_MARGIN", Array(contracts, price, _
        maintenance_rate, contract_size, contract_type, tiers))
End Function

Public Function XLH_LIQ_PRICE(contracts, entry_price, wallet_balance, maintenance_rate, _
        Optional contract_size, Optional contract_type, Optional maintenance_amount, _
        Optional fee_rate, Optional convention, Optional tiers)
    XLH_LIQ_PRICE = Answer("LIQ_PRICE", Array(contracts, entry_price, wallet_balance, _
        maintenance_rate, contract_size, contract_type, maintenance_amount, fee_rate, _
        convention, tiers))
End Function

Public Function XLH_LIQ_PRICE_APPROX(entry_price, initial_margin_rate, maintenance_rate, _
        Optional side)
    XLH_LIQ_PRICE_APPROX = Answer("LIQ_PRICE_APPROX", Array(entry_price, initial_margin_rate, _
        maintenance_rate, side))
End Function

Public Function XLH_LIQ_PRICE_CROSS(positions, wallet_balance, asset, Optional tiers, _
        Optional side)
    XLH_LIQ_PRICE_CROSS = Answer("LIQ_PRICE_CROSS", Array(positions, wallet_balance, asset, _
        tiers, side))
End Function

Public Function XLH_BANKRUPTCY_PRICE(contracts, entry_price, wallet_balance, _
        Optional contract_size, Optional contract_type)
    XLH_BANKRUPTCY_PRICE = Answer("BANKRUPTCY_PRICE", Array(contracts, entry_price, _
        wallet_balance, contract_size, contract_type))
End Function

Public Function XLH_MARGIN_RATIO(contracts, entry_price, mark_price, wallet_balance, _
        maintenance_rate, Optional contract_size, Optional contract_type, Optional tiers, _
        Optional fee_rate)
    XLH_MARGIN_RATIO = Answer("MARGIN_RATIO", Array(contracts, entry_price, mark_price, _
        wallet_balance, maintenance_rate, contract_size, contract_type, tiers, fee_rate))
End Function

Public Function XLH_MARGIN_CALL(contracts, entry_price, mark_price, wallet_balance, _
        maintenance_rate, Optional contract_size, Optional contract_type, Optional tiers, _
        Optional target_ratio, Optional fee_rate)
    XLH_MARGIN_CALL = Answer("MARGIN_CALL", Array(contracts, entry_price, mark_price, _
        wallet_balance, maintenance_rate, contract_size, contract_type, tiers, target_ratio, _
        fee_rate))
End Function

Public Function XLH_MARGIN_LADDER(contracts, entry_price, wallet_balance, maintenance_rate, _
        Optional moves, Optional contract_size, Optional contract_type, Optional tiers, _
        Optional fee_rate)
    XLH_MARGIN_LADDER = Answer("MARGIN_LADDER", Array(contracts, entry_price, wallet_balance, _
        maintenance_rate, moves, contract_size, contract_type, tiers, fee_rate))
End Function

Public Function XLH_LIQ_PROBABILITY(price, liq_price_, volatility, days, Optional drift, _
        Optional side)
    XLH_LIQ_PROBABILITY = Answer("LIQ_PROBABILITY", Array(price, liq_price_, volatility, days, _
        drift, side))
End Function

Public Function XLH_MARGIN_BUFFER(contracts, price, volatility, days, maintenance_rate, _
        Optional confidence, Optional contract_size, Optional contract_type, Optional tiers, _
        Optional fee_rate)
    XLH_MARGIN_BUFFER = Answer("MARGIN_BUFFER", Array(contracts, price, volatility, days, _
        maintenance_rate, confidence, contract_size, contract_type, tiers, fee_rate))
End Function

Public Function XLH_ACCOUNT_STATUS(positions, accounts, Optional tiers)
    XLH_ACCOUNT_STATUS = Answer("ACCOUNT_STATUS", Array(positions, accounts, tiers))
End Function

Public Function XLH_ACCOUNT_LIQUIDATION(positions, accounts, Optional tiers, Optional others)
    XLH_ACCOUNT_LIQUIDATION = Answer("ACCOUNT_LIQUIDATION", Array(positions, accounts, tiers, _
        others))
End Function

Public Function XLH_ACCOUNT_PROBABILITY(positions, accounts, volatilities, correlations, days, _
        Optional tiers, Optional degrees_of_freedom, Optional paths, Optional seed)
    XLH_ACCOUNT_PROBABILITY = Answer("ACCOUNT_PROBABILITY", Array(positions, accounts, _
        volatilities, correlations, days, tiers, degrees_of_freedom, paths, seed), True)
End Function

Public Function XLH_ACCOUNT_BUFFER(positions, accounts, volatilities, correlations, days, _
        Optional confidence, Optional tiers, Optional degrees_of_freedom, Optional paths, _
        Optional seed)
    XLH_ACCOUNT_BUFFER = Answer("ACCOUNT_BUFFER", Array(positions, accounts, volatilities, _
        correlations, days, confidence, tiers, degrees_of_freedom, paths, seed), True)
End Function

Public Function XLH_VOL_REALIZED(prices, Optional periods_per_year)
    XLH_VOL_REALIZED = Answer("VOL_REALIZED", Array(prices, periods_per_year))
End Function

Public Function XLH_VOL_EWMA(prices, Optional decay, Optional periods_per_year)
    XLH_VOL_EWMA = Answer("VOL_EWMA", Array(prices, decay, periods_per_year))
End Function

Public Function XLH_VOL_GARCH(prices, Optional horizon_periods, Optional periods_per_year)
    XLH_VOL_GARCH = Answer("VOL_GARCH", Array(prices, horizon_periods, periods_per_year))
End Function

Public Function XLH_VOL_HAR(prices, Optional periods_per_year)
    XLH_VOL_HAR = Answer("VOL_HAR", Array(prices, periods_per_year))
End Function

Public Function XLH_VOL_RANGE(open_, high, low, close_, Optional estimator, _
        Optional periods_per_year)
    XLH_VOL_RANGE = Answer("VOL_RANGE", Array(open_, high, low, close_, estimator, _
        periods_per_year))
End Function

Public Function XLH_VOL_TARGET_EXPOSURE(target_volatility, forecast_volatility, _
        Optional gross_exposure, Optional max_leverage, Optional min_exposure)
    XLH_VOL_TARGET_EXPOSURE = Answer("VOL_TARGET_EXPOSURE", Array(target_volatility, _
        forecast_volatility, gross_exposure, max_leverage, min_exposure))
End Function

Public Function XLH_VOL_TARGET_HEDGE(target_volatility, forecast_volatility, _
        Optional residual_volatility)
    XLH_VOL_TARGET_HEDGE = Answer("VOL_TARGET_HEDGE", Array(target_volatility, _
        forecast_volatility, residual_volatility))
End Function

Public Function XLH_VOL_TARGET_TRADE(current_exposure, target_exposure, Optional band, _
        Optional to_)
    XLH_VOL_TARGET_TRADE = Answer("VOL_TARGET_TRADE", Array(current_exposure, target_exposure, _
        band, to_))
End Function

Public Function XLH_STRESS_SCENARIOS()
    XLH_STRESS_SCENARIOS = Answer("STRESS_SCENARIOS", Array())
End Function

Public Function XLH_STRESS_PNL(positions, scenarios, Optional accounts, Optional tiers)
    XLH_STRESS_PNL = Answer("STRESS_PNL", Array(positions, scenarios, accounts, tiers))
End Function

Public Function XLH_STRESS_ACCOUNTS(positions, scenarios, accounts, Optional tiers)
    XLH_STRESS_ACCOUNTS = Answer("STRESS_ACCOUNTS", Array(positions, scenarios, accounts, _
        tiers))
End Function

Public Function XLH_STRESS_GRID(positions, spot_shocks, basis_shocks, Optional accounts)
    XLH_STRESS_GRID = Answer("STRESS_GRID", Array(positions, spot_shocks, basis_shocks, _
        accounts))
End Function

Public Function XLH_STRESS_REPLAY(positions, spot_prices, Optional futures_prices, _
        Optional funding_rates, Optional accounts, Optional tiers)
    XLH_STRESS_REPLAY = Answer("STRESS_REPLAY", Array(positions, spot_prices, futures_prices, _
        funding_rates, accounts, tiers))
End Function

Public Function XLH_STRESS_REVERSE(positions, target, Optional accounts, Optional tiers)
    XLH_STRESS_REVERSE = Answer("STRESS_REVERSE", Array(positions, target, accounts, tiers))
End Function

Public Function XLH_HEDGE_REPORT(positions, accounts, volatility, Optional horizon_days, _
        Optional confidence, Optional model, Optional history, Optional interval_hours, _
        Optional tiers, Optional correlations)
    XLH_HEDGE_REPORT = Answer("HEDGE_REPORT", Array(positions, accounts, volatility, _
        horizon_days, confidence, model, history, interval_hours, tiers, correlations))
End Function

Public Function XLH_HEDGE_COST(notional, Optional fee_rate, Optional spread, Optional impact, _
        Optional funding_rate_, Optional financing_rate, Optional days, Optional interval_hours)
    XLH_HEDGE_COST = Answer("HEDGE_COST", Array(notional, fee_rate, spread, impact, _
        funding_rate_, financing_rate, days, interval_hours))
End Function

Public Function XLH_HEDGE_TRADE(current_contracts, target_contracts, Optional band, _
        Optional lot)
    XLH_HEDGE_TRADE = Answer("HEDGE_TRADE", Array(current_contracts, target_contracts, band, _
        lot))
End Function
