using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Output;

namespace Messaging.Breaker.Cli.Sources;

/// <summary>The JSON API of a page. What its answers mean for the user is decided only here.</summary>
sealed class PageClient : IDisposable
{
    const string TokenProblem = "urn:messaging-breaker:anti-forgery-token";
    const string UsualPath = "breakers/";

    /// <summary>The header in which the page returns the outcome of an order to pause or resume.</summary>
    const string HoldOutcome = "Hold-Outcome";

    readonly HttpClient _http;
    readonly TimeSpan _limit;
    readonly TimeProvider _time;
    Uri _page;

    public PageClient(PageAccess access, TimeSpan limit, TimeProvider time)
    {
        (_limit, _time) = (limit, time);
        _page = new UriBuilder(access.Page) { UserName = "", Password = "", Query = "", Fragment = "", Path = $"{access.Page.AbsolutePath.TrimEnd('/')}/" }.Uri;
        // The anti-forgery token has a cookie. A redirect leads to a sign-in form, which cannot be filled in here.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer(), ConnectTimeout = limit, UseProxy = !_page.IsLoopback })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.Add("Breakers-By", Uri.EscapeDataString(access.By));
        if (access.Authorization is { } authorization)
            _http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        foreach (var (name, value) in access.Headers)
            _http.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
    }

    public string Address => _page.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);
        return await ReadAsync(response, path, type, cancellationToken);
    }

    /// <summary>
    /// With the anti-forgery token. Sent again with a new one if the page does not know the first: another instance may have issued it.
    /// </summary>
    public async Task<T> PostAsync<T>(string path, JsonObject body, JsonTypeInfo<T> type, CancellationToken cancellationToken, Action<string>? noteOutcome = null)
    {
        for (var isRetry = false; ; isRetry = true)
        {
            var token = await GetAsync("api/token", CliJson.Default.PageToken, cancellationToken);
            try
            {
                using var response = await SendAsync(
                    () => new HttpRequestMessage(HttpMethod.Post, path) { Headers = { { token.Header, token.Token } }, Content = JsonContent.Create(body, CliJson.Default.JsonObject) },
                    cancellationToken);
                if (response.Headers.TryGetValues(HoldOutcome, out var outcome))
                    noteOutcome?.Invoke(string.Join(' ', outcome));
                return await ReadAsync(response, path, type, cancellationToken);
            }
            catch (StaleTokenException) when (!isRetry)
            {
                // The page has not executed anything.
            }
        }
    }

    /// <summary>A stream of events, after its headers.</summary>
    public async Task<Stream> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);
        return await response.Content.ReadAsStreamAsync(cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        var response = await TrySendAsync(request(), cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound && _page.AbsolutePath == "/" && !IsProblem(response))
        {
            // Only the host was given.
            _page = new Uri(_page, UsualPath);
            response.Dispose();
            response = await TrySendAsync(request(), cancellationToken);
        }

        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw await ErrorOfAsync(response, cancellationToken);
    }

    async Task<HttpResponseMessage> TrySendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            request.RequestUri = new Uri(_page, request.RequestUri!);
            using var limit = new CancellationTokenSource(_limit, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new CommandException(ExitCode.Unreachable, $"The page at {Address} did not answer within {Words.Of(_limit)}.", "Is the worker up? Use --timeout to wait longer.");
            }
            catch (HttpRequestException exception)
            {
                throw new CommandException(ExitCode.Unreachable, $"The page at {Address} is out of reach: {exception.GetBaseException().Message}", "Is the address right, and the worker up?");
            }
        }
    }

    async Task<CommandException> ErrorOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var problem = IsProblem(response) ? await TryReadAsync(response, cancellationToken) : null;
        var detail = Words.Legible(problem?.Detail ?? problem?.Title ?? "");
        var (code, message, advice) = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect => (
                ExitCode.Unauthorised, $"The page at {Address} requires authentication.", "Give a token: --token, --token-file or BREAKERS_TOKEN; --scheme names its scheme."),
            HttpStatusCode.Forbidden => (ExitCode.Unauthorised, detail.Length > 0 ? detail : $"The page at {Address} does not let you do that.", null),
            HttpStatusCode.NotFound when detail.Length > 0 => (ExitCode.NotFound, detail, null),
            HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed => (
                ExitCode.NotFound, $"There is no breaker page at {Address}, or it does not know {response.RequestMessage!.RequestUri!.AbsolutePath}.",
                "Give the address of the page, such as http://host:5000/breakers; a page of an earlier version does not know everything."),
            HttpStatusCode.BadRequest or HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity => (ExitCode.Refused, detail.Length > 0 ? detail : "The page refused it.", null),
            _ => (ExitCode.Failed, $"The page at {Address} answered {(int)response.StatusCode} {response.ReasonPhrase}. {detail}".Trim(), (string?)null),
        };
        return problem?.Type == TokenProblem ? new StaleTokenException(code, message) : new CommandException(code, message, advice);
    }

    async Task<T> ReadAsync<T>(HttpResponseMessage response, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await response.Content.ReadFromJsonAsync(type, either.Token) ?? throw new JsonException();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException(ExitCode.Unreachable, $"The page at {Address} did not finish its answer within {Words.Of(_limit)}.", "Use --timeout to wait longer.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new CommandException(ExitCode.Failed, $"The answer of {Address}{path} cannot be read.", "Is it a breaker page, and of a version close to this one?");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new CommandException(ExitCode.Unreachable, $"The page at {Address} ended its answer too early: {exception.GetBaseException().Message}");
        }
    }

    static async Task<PageProblem?> TryReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(CliJson.Default.PageProblem, cancellationToken);
        }
        catch (Exception exception) when (exception is JsonException or HttpRequestException or IOException)
        {
            return null;
        }
    }

    static bool IsProblem(HttpResponseMessage response) => response.Content.Headers.ContentType?.MediaType == "application/problem+json";

    sealed class StaleTokenException(int exitCode, string message) : CommandException(exitCode, message);
}
