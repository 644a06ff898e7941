using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace RpcGen.Explorer;

/// <summary>The files of the page, which are in the assembly.</summary>
internal static class ExplorerPage
{
    /// <summary>The name of the first file.</summary>
    public const string Start = "index.html";

    private const string Prefix = "explorer/";

    /// <summary>Scripts, styles and data come from this site alone, and nothing in the text of a page is run.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly Assembly Assembly = typeof(ExplorerPage).Assembly;

    /// <summary>Headers of each response.</summary>
    public static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    /// <summary>Opens a file; null if its name is unknown.</summary>
    public static Stream? Open(string name) => Assembly.GetManifestResourceStream(Prefix + name);

    /// <summary>The content type of a file.</summary>
    public static string ContentTypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    };
}
