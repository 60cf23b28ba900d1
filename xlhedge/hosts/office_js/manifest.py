"""The add-in only manifest: what Excel is given to install the add-in.

The unified manifest of Microsoft 365 is not used: Excel on the Mac does not take it everywhere.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from urllib.parse import urlsplit
from xml.sax.saxutils import quoteattr

import xlhedge
from xlhedge.hosts.office_js.render import NAMESPACE

SIZES = (16, 32, 64, 80)
"""Of the icons."""

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_APP = "http://schemas.microsoft.com/office/appforoffice/1.1"
_OVERRIDES = "http://schemas.microsoft.com/office/taskpaneappversionoverrides"
_BASIC = "http://schemas.microsoft.com/office/officeappbasictypes/1.0"
_SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"
_SETS = (("SharedRuntime", "1.1"), ("CustomFunctionsRuntime", "1.3"))


def render(origin: str, *, fragment: str = "", domains: Iterable[str] = ()) -> str:
    """The manifest's text.

    Parameters
    ----------
    origin
        Where the server answers, such as ``https://localhost:8443``; each has its own identifier,
        so that one Excel can have a local and the company's add-in.
    fragment
        What follows ``#`` in the pane's address: a browser never sends it to a server.
    domains
        Further origins that the pane may show, such as the company's login page.
    """
    pane = f"{origin}/pane.html" + (f"#{fragment}" if fragment else "")
    text = "Hedging crypto with futures: sizing, basis, funding, risk, margin, volatility, stress."
    shown = "\n".join(f"    <AppDomain>{domain}</AppDomain>" for domain in (origin, *domains))
    sets = "\n".join(f'      <Set Name="{n}" MinVersion="{v}"/>' for n, v in _SETS)
    return f"""{_HEAD}<OfficeApp xmlns="{_APP}"
    xmlns:xsi="{_SCHEMA}" xmlns:bt="{_BASIC}"
    xmlns:ov="{_OVERRIDES}" xsi:type="TaskPaneApp">
  <Id>{identifier(origin)}</Id>
  <Version>{xlhedge.__version__}.0</Version>
  <ProviderName>The xlhedge developers</ProviderName>
  <DefaultLocale>en-US</DefaultLocale>
  <DisplayName DefaultValue={quoteattr(_title(origin))}/>
  <Description DefaultValue={quoteattr(text)}/>
  <IconUrl DefaultValue="{origin}/icon-32.png"/>
  <HighResolutionIconUrl DefaultValue="{origin}/icon-64.png"/>
  <SupportUrl DefaultValue="{origin}/functions.html"/>
  <AppDomains>
{shown}
  </AppDomains>
  <Hosts>
    <Host Name="Workbook"/>
  </Hosts>
  <Requirements>
    <Sets DefaultMinVersion="1.1">
{sets}
    </Sets>
  </Requirements>
  <DefaultSettings>
    <SourceLocation DefaultValue="{pane}"/>
  </DefaultSettings>
  <Permissions>ReadWriteDocument</Permissions>
  <VersionOverrides xmlns="{_OVERRIDES}" xsi:type="VersionOverridesV1_0">
    <Hosts>
      <Host xsi:type="Workbook">
        <Runtimes>
          <Runtime resid="Pane.Url" lifetime="long"/>
        </Runtimes>
        <AllFormFactors>
          <ExtensionPoint xsi:type="CustomFunctions">
            <Script>
              <SourceLocation resid="Script.Url"/>
            </Script>
            <Page>
              <SourceLocation resid="Pane.Url"/>
            </Page>
            <Metadata>
              <SourceLocation resid="Metadata.Url"/>
            </Metadata>
            <Namespace resid="Namespace"/>
          </ExtensionPoint>
        </AllFormFactors>
        <DesktopFormFactor>
          <FunctionFile resid="Pane.Url"/>
          <ExtensionPoint xsi:type="PrimaryCommandSurface">
            <OfficeTab id="TabHome">
              <Group id="Xlhedge.Group">
                <Label resid="Label"/>
{_icon(16)}
                <Control xsi:type="Button" id="Xlhedge.Pane">
                  <Label resid="Label"/>
                  <Supertip>
                    <Title resid="Label"/>
                    <Description resid="Tip"/>
                  </Supertip>
{_icon(18)}
                  <Action xsi:type="ShowTaskpane">
                    <SourceLocation resid="Pane.Url"/>
                  </Action>
                </Control>
              </Group>
            </OfficeTab>
          </ExtensionPoint>
        </DesktopFormFactor>
      </Host>
    </Hosts>
    <Resources>
      <bt:Images>
{_images(origin)}
      </bt:Images>
      <bt:Urls>
        <bt:Url id="Pane.Url" DefaultValue="{pane}"/>
        <bt:Url id="Script.Url" DefaultValue="{origin}/functions.js"/>
        <bt:Url id="Metadata.Url" DefaultValue="{origin}/functions.json"/>
      </bt:Urls>
      <bt:ShortStrings>
        <bt:String id="Namespace" DefaultValue="{NAMESPACE}"/>
        <bt:String id="Label" DefaultValue="xlhedge"/>
      </bt:ShortStrings>
      <bt:LongStrings>
        <bt:String id="Tip" DefaultValue="Why a cell shows an error, functions, templates, desk."/>
      </bt:LongStrings>
    </Resources>
  </VersionOverrides>
</OfficeApp>
"""


def identifier(origin: str) -> str:
    """The add-in's identifier at an address: the same each time, so that Excel updates it."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{origin}/xlhedge"))


def _title(origin: str) -> str:
    host = urlsplit(origin).hostname or ""
    return "xlhedge" if host in ("localhost", "127.0.0.1") else f"xlhedge ({host})"[:125]


def _icon(indent: int) -> str:
    space = " " * indent
    images = "".join(
        f'{space}  <bt:Image size="{size}" resid="Icon.{size}"/>\n' for size in (16, 32, 80)
    )
    return f"{space}<Icon>\n{images}{space}</Icon>"


def _images(origin: str) -> str:
    return "\n".join(
        f'        <bt:Image id="Icon.{size}" DefaultValue="{origin}/icon-{size}.png"/>'
        for size in (16, 32, 80)
    )
