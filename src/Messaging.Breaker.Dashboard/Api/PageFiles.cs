using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Messaging.Breaker.Dashboard.Api;

/// <summary>The page and its parts, from the assembly.</summary>
static class PageFiles
{
    static readonly FrozenDictionary<string, string> ContentTypes = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".txt"] = "text/plain; charset=utf-8",
        [".md"] = "text/plain; charset=utf-8",
    }.ToFrozenDictionary();

    static readonly FrozenDictionary<string, File> Files = typeof(PageFiles).Assembly.GetManifestResourceNames()
        .ToFrozenDictionary(name => name.Replace('\\', '/'), Load);

    /// <summary>
    /// The page's addresses are relative, so that it works behind any prefix. Therefore its own address must end with a slash.
    /// </summary>
    public static IResult GetPage(HttpContext context)
    {
        var path = (context.Request.PathBase + context.Request.Path).Value!;
        return path.EndsWith('/')
            ? TypedResults.Bytes(Files["index.html"].Content, Files["index.html"].ContentType)
            : TypedResults.Redirect($"{path[(path.LastIndexOf('/') + 1)..]}/");
    }

    public static IResult GetAsset(HttpContext context, string name)
    {
        if (!Files.TryGetValue(name, out var file))
            return TypedResults.NotFound();
        context.Response.Headers.CacheControl = "no-cache"; // Cached, but revalidated each time: an upgrade is seen at once.
        return TypedResults.Bytes(file.Content, file.ContentType, entityTag: file.Tag);
    }

    static File Load(string resource)
    {
        using var stream = typeof(PageFiles).Assembly.GetManifestResourceStream(resource)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return new File(
            content, ContentTypes[Path.GetExtension(resource)], new EntityTagHeaderValue($"\"{Convert.ToHexString(SHA256.HashData(content))[..16]}\""));
    }

    sealed record File(byte[] Content, string ContentType, EntityTagHeaderValue Tag);
}
