Rem Attribute VBA_ModuleType=VBAClassModule
Option VBASupport 1
Option ClassModule
' In place of a range that a function reads: has all, no or some of its cells a formula?
Public HasFormula As Variant
Public Formula As Variant
