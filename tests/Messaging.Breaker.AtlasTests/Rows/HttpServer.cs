using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.AtlasTests.Rows;

/// <summary>One server for all rows of HTTP and gRPC. The path of a request decides how it is answered.</summary>
static class HttpServer
{
    static readonly Dictionary<string, RequestDelegate> Answers = [];
    static readonly Lazy<Task<Uri[]>> Started = new(StartAsync);

    /// <summary>HTTP, HTTPS with an expired certificate, and h2c.</summary>
    public static Task<Uri[]> AddressesAsync() => Started.Value;

    /// <summary>Adds an answer, before the first request.</summary>
    /// <returns>The path that gets this answer.</returns>
    public static string Add(RequestDelegate answer)
    {
        lock (Answers)
        {
            var path = $"/{Answers.Count}";
            Answers.Add(path, answer);
            return path;
        }
    }

    /// <summary>Sends nothing more until the client has gone.</summary>
    public static async Task HangAsync(HttpContext context)
    {
        var gone = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(() => gone.TrySetResult());
        await gone.Task;
    }

    /// <summary>Begins a body and cuts the connection.</summary>
    public static async Task CutAsync(HttpContext context)
    {
        context.Response.ContentLength = 100;
        await context.Response.WriteAsync("""{"ok":""");
        await context.Response.Body.FlushAsync();
        context.Abort();
    }

    static async Task<Uri[]> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(CreateExpiredCertificate()));
            kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        });
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.Zero);
        var web = builder.Build();
        web.Run(context => AnswerOf(context.Request.Path)(context));
        await web.StartAsync();
        return [.. web.Urls.Select(url => new Uri(url))];
    }

    static RequestDelegate AnswerOf(PathString path)
    {
        lock (Answers)
            return Answers["/" + path.Value!.Split('/')[1]];
    }

    static X509Certificate2 CreateExpiredCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = DateTimeOffset.UtcNow;
        using var certificate = request.CreateSelfSigned(now.AddDays(-30), now.AddDays(-1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
