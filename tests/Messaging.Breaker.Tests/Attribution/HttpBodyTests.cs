using System.IO.Compression;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using Messaging.Breaker.Attribution;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Breakers.Attempts;
using Messaging.Breaker.Classifying;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Attribution;

public class HttpBodyTests
{
    const HttpCompletionOption HeadersRead = HttpCompletionOption.ResponseHeadersRead;

    static readonly WindowSnapshot Nothing = new(0, 0, 0);
    static readonly WindowSnapshot Success = new(1, 0, 0);
    static readonly WindowSnapshot Failure = new(1, 1, 0);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task A_call_lasts_until_its_body_has_been_read(HttpProtocols protocols)
    {
        await using var server = await AnsweringServer.StartAsync(context => context.Response.WriteAsync("hello"), protocols);
        using var calls = new HttpCalls();
        using var http = Over(protocols, calls.To(server));
        using var response = await http.GetAsync("/", HeadersRead, Stop);
        Assert.Equal(Nothing, calls.Window);
        Assert.Equal("hello", await response.Content.ReadAsStringAsync(Stop));
        Assert.Equal(Success, calls.Window);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_hangs_until_the_client_times_out_is_a_failing_call(bool isStreamed)
    {
        await using var server = await AnsweringServer.StartAsync(async context =>
        {
            await context.Response.WriteAsync("[1,");
            await AnsweringServer.HangAsync(context);
        });
        using var calls = new HttpCalls();
        using var http = calls.To(server);
        http.Timeout = TimeSpan.FromMilliseconds(300);
        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => isStreamed ? http.GetFromJsonAsync<int[]>("/", Stop) : http.GetStringAsync(new Uri("/", UriKind.Relative), Stop));
        Assert.Equal(Failure, calls.Window);
        Assert.Contains(calls.Thrown, ExceptionChain.Of(exception));
    }

    [Theory]
    [InlineData(HttpProtocols.Http1, false, null)]
    [InlineData(HttpProtocols.Http1, false, 100L)]
    [InlineData(HttpProtocols.Http1, true, null)]
    [InlineData(HttpProtocols.Http1, true, 100L)]
    [InlineData(HttpProtocols.Http2, false, null)]
    [InlineData(HttpProtocols.Http2, false, 100L)]
    [InlineData(HttpProtocols.Http2, true, null)]
    [InlineData(HttpProtocols.Http2, true, 100L)]
    public async Task A_body_that_is_cut_is_a_failing_call(HttpProtocols protocols, bool isStreamed, long? length)
    {
        await using var server = await AnsweringServer.StartAsync(
            async context =>
            {
                context.Response.ContentLength = length;
                await context.Response.WriteAsync("half");
                await context.Response.Body.FlushAsync();
                context.Abort();
            },
            protocols);
        using var calls = new HttpCalls();
        using var http = Over(protocols, calls.To(server));
        var exception = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var response = await http.GetAsync("/", isStreamed ? HeadersRead : HttpCompletionOption.ResponseContentRead, Stop);
            await using var body = await response.Content.ReadAsStreamAsync(Stop);
            await body.CopyToAsync(Stream.Null, Stop);
        });
        Assert.Equal(Failure, calls.Window);
        Assert.Contains(calls.Thrown, ExceptionChain.Of(exception));
    }

    [Fact]
    public async Task A_body_that_drips_makes_a_slow_call()
    {
        var pipe = new Pipe();
        using var calls = new HttpCalls(options => options.SlowCallDuration = TimeSpan.FromSeconds(1));
        using var http = calls.To(pipe);
        using var response = await http.GetAsync("/", HeadersRead, Stop);
        var reading = response.Content.ReadAsStringAsync(Stop);
        for (var drop = 0; drop < 3; drop++)
        {
            await pipe.Writer.WriteAsync("x"u8.ToArray(), Stop);
            calls.Time.Advance(TimeSpan.FromSeconds(0.5));
        }

        await pipe.Writer.CompleteAsync();
        Assert.Equal("xxx", await reading);
        Assert.Equal(new WindowSnapshot(1, 0, 1), calls.Window);
    }

    [Fact]
    public async Task A_body_that_nobody_reads_ends_the_call_when_the_response_is_disposed()
    {
        using var calls = new HttpCalls();
        using var http = calls.To(new Pipe());
        using (var response = await http.GetAsync("/", HeadersRead, Stop))
            Assert.Equal(Nothing, calls.Window);
        Assert.Equal(Success, calls.Window);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reader_that_has_enough_ends_the_call_as_a_success(bool isAsync)
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync("first"u8.ToArray(), Stop);
        using var calls = new HttpCalls();
        using var http = calls.To(pipe);
        var response = await http.GetAsync("/", HeadersRead, Stop);
        var body = await response.Content.ReadAsStreamAsync(Stop);
        await body.ReadExactlyAsync(new byte[5], Stop);
        Assert.Equal(Nothing, calls.Window);
        if (isAsync)
            await body.DisposeAsync();
        else
            body.Dispose();
        response.Dispose();
        Assert.Equal(Success, calls.Window);
    }

    [Fact]
    public async Task A_response_that_is_disposed_during_a_read_is_a_success()
    {
        await using var server = await AnsweringServer.StartAsync(async context =>
        {
            await context.Response.WriteAsync("first");
            await AnsweringServer.HangAsync(context);
        });
        using var calls = new HttpCalls();
        using var http = calls.To(server);
        var response = await http.GetAsync("/", HeadersRead, Stop);
        var body = await response.Content.ReadAsStreamAsync(Stop);
        await body.ReadExactlyAsync(new byte[5], Stop);
        var reading = body.ReadAsync(new byte[5], Stop).AsTask();
        response.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => reading);
        Assert.Equal(Success, calls.Window);
    }

    [Fact]
    public async Task A_body_outlives_its_client()
    {
        var goOn = new TaskCompletionSource();
        await using var server = await AnsweringServer.StartAsync(async context =>
        {
            await context.Response.WriteAsync("first ");
            await goOn.Task;
            await context.Response.WriteAsync("last");
        });
        using var calls = new HttpCalls();
        var http = calls.To(server);
        using var response = await http.GetAsync("/", HeadersRead, Stop);
        var reading = response.Content.ReadAsStringAsync(Stop);
        http.Dispose();
        goOn.SetResult();
        Assert.Equal("first last", await reading);
        Assert.Equal(Success, calls.Window);
    }

    [Theory]
    [InlineData("HEAD", 200)]
    [InlineData("GET", 204)]
    [InlineData("GET", 304)]
    [InlineData("GET", 200)]
    public async Task An_answer_without_a_body_ends_at_once(string method, int status)
    {
        await using var server = await AnsweringServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentLength = method == "HEAD" ? 1_000 : null;
            return Task.CompletedTask;
        });
        using var calls = new HttpCalls();
        using var http = calls.To(server);
        using var request = new HttpRequestMessage(new HttpMethod(method), "/");
        using var response = await http.SendAsync(request, HeadersRead, Stop);
        Assert.Equal(Success, calls.Window);
    }

    [Theory]
    [InlineData(500, 1, 1)]
    [InlineData(503, 1, 1)]
    [InlineData(429, 1, 1)]
    [InlineData(408, 1, 1)]
    [InlineData(401, 0, 0)]
    [InlineData(403, 0, 0)]
    [InlineData(407, 0, 0)]
    public async Task A_status_that_says_enough_ends_the_call_at_the_headers(int status, int total, int failures)
    {
        using var calls = new HttpCalls();
        using var http = calls.To(() => new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent("why") });
        using var response = await http.GetAsync("/", HeadersRead, Stop);
        Assert.Equal(new WindowSnapshot(total, failures, 0), calls.Window);
        Assert.Equal(1 - total, calls.Breaker.Ignored);
        Assert.IsType<StringContent>(response.Content);
    }

    [Fact]
    public async Task A_client_that_asked_for_the_wrong_thing_was_answered()
    {
        using var calls = new HttpCalls();
        using var http = calls.To(() => new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("what?") });
        using var response = await http.GetAsync("/", Stop);
        Assert.Equal(Success, calls.Window);
    }

    [Fact]
    public async Task A_body_of_known_length_ends_with_its_last_byte()
    {
        await using var server = await AnsweringServer.StartAsync(context =>
        {
            context.Response.ContentLength = 5;
            return context.Response.WriteAsync("hello");
        });
        using var calls = new HttpCalls();
        using var http = calls.To(server);
        using var response = await http.GetAsync("/", HeadersRead, Stop);
        var body = await response.Content.ReadAsStreamAsync(Stop);
        await body.ReadExactlyAsync(new byte[5], Stop);
        Assert.Equal(Success, calls.Window);
    }

    [Fact]
    public async Task A_zero_byte_read_is_not_the_end()
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync("x"u8.ToArray(), Stop);
        using var calls = new HttpCalls();
        using var http = calls.To(pipe);
        using var response = await http.GetAsync("/", HeadersRead, Stop);
        var body = await response.Content.ReadAsStreamAsync(Stop);
        Assert.Equal(0, await body.ReadAsync(Memory<byte>.Empty, Stop));
        Assert.Equal(Nothing, calls.Window);
        await pipe.Writer.CompleteAsync();
        await body.CopyToAsync(Stream.Null, Stop);
        Assert.Equal(Success, calls.Window);
    }

    [Fact]
    public async Task Content_that_is_buffered_can_be_read_again_and_counts_once()
    {
        using var calls = new HttpCalls();
        using var http = calls.To(new StringContent("hello"));
        using var response = await http.GetAsync("/", HeadersRead, Stop);
        await response.Content.LoadIntoBufferAsync(Stop);
        Assert.Equal("hello", await response.Content.ReadAsStringAsync(Stop));
        Assert.Equal("hello"u8.ToArray(), await response.Content.ReadAsByteArrayAsync(Stop));
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        Assert.Equal("hello", await reader.ReadToEndAsync(Stop));
        Assert.Equal(Success, calls.Window);
    }

    [Fact]
    public async Task Content_that_can_be_copied_twice_still_can()
    {
        using var calls = new HttpCalls();
        using var http = calls.To(new StringContent("hello"));
        using var response = await http.GetAsync("/", HeadersRead, Stop);
        using var copy = new MemoryStream();
        await response.Content.CopyToAsync(copy, Stop);
        response.Content.CopyTo(copy, null, Stop);
        Assert.Equal("hellohello", Encoding.UTF8.GetString(copy.ToArray()));
        Assert.Equal(Success, calls.Window);
    }

    [Fact]
    public async Task A_second_read_of_a_body_that_can_be_read_once_is_the_readers_mistake()
    {
        await using var server = await AnsweringServer.StartAsync(context => context.Response.WriteAsync("hello"));
        using var calls = new HttpCalls();
        using var http = calls.To(server);
        using var response = await http.GetAsync("/", HeadersRead, Stop);
        var body = await response.Content.ReadAsStreamAsync(Stop);
        await Assert.ThrowsAsync<InvalidOperationException>(() => response.Content.CopyToAsync(Stream.Null, Stop));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => body.ReadAsync(new byte[1], 0, 2, Stop));
        Assert.Equal(Nothing, calls.Window);
        Assert.Same(body, await response.Content.ReadAsStreamAsync(Stop));
        await body.CopyToAsync(Stream.Null, Stop);
        Assert.Equal(Success, calls.Window);
    }

    [Fact]
    public async Task A_target_that_cannot_take_the_body_is_not_the_servers_fault()
    {
        using var calls = new HttpCalls();
        using var http = calls.To(() => new HttpResponseMessage { Content = new StringContent("too much") });
        using (var response = await http.GetAsync("/", HeadersRead, Stop))
            await Assert.ThrowsAnyAsync<Exception>(() => response.Content.CopyToAsync(new MemoryStream(new byte[2]), Stop));
        Assert.Equal(Success, calls.Window);

        http.Dispose();
        using var small = calls.To(new Unmeasured("too much"));
        small.MaxResponseContentBufferSize = 2;
        await Assert.ThrowsAsync<HttpRequestException>(() => small.GetAsync("/", Stop));
        Assert.Equal(new WindowSnapshot(2, 0, 0), calls.Window);
    }

    [Fact]
    public async Task Content_keeps_its_headers_and_its_length()
    {
        var content = new StringContent("hello", Encoding.UTF8, "text/css");
        content.Headers.ContentLanguage.Add("de");
        content.Headers.ContentLanguage.Add("en");
        content.Headers.TryAddWithoutValidation("Expires", "never");
        content.Headers.TryAddWithoutValidation("X-Own", ["a", "b"]);
        var expected = content.Headers.NonValidated.ToDictionary(header => header.Key, header => header.Value.ToArray());
        using var calls = new HttpCalls();
        using var http = calls.To(content);
        using var response = await http.GetAsync("/", HeadersRead, Stop);
        Assert.IsType<ObservedContent>(response.Content);
        Assert.Equal(5, response.Content.Headers.ContentLength);
        Assert.Equal("utf-8", response.Content.Headers.ContentType!.CharSet);
        var kept = response.Content.Headers.NonValidated.ToDictionary(header => header.Key, header => header.Value.ToArray());
        Assert.Equal(expected, kept.Where(header => header.Key != "Content-Length"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_compressed_body_is_read_through(bool isOutside)
    {
        await using var server = await AnsweringServer.StartAsync(async context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var zip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await zip.WriteAsync("hello"u8.ToArray());
        });
        using var calls = new HttpCalls();
        using var sockets = new SocketsHttpHandler();
        sockets.AutomaticDecompression = isOutside ? DecompressionMethods.None : DecompressionMethods.GZip;
        using var handler = calls.Handler(sockets);
        using var http = new HttpClient(isOutside ? new Unzip { InnerHandler = handler } : handler) { BaseAddress = server.Address };
        Assert.Equal("hello", await http.GetStringAsync(new Uri("/", UriKind.Relative), Stop));
        Assert.Equal(Success, calls.Window);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_body_may_be_read_in_every_way_that_a_stream_has(int way)
    {
        using var calls = new HttpCalls();
        await using var server = await AnsweringServer.StartAsync(context => context.Response.WriteAsync("hello"));
        using var http = calls.To(server);
        using var response = await http.GetAsync("/", HeadersRead, Stop);
        var body = await response.Content.ReadAsStreamAsync(Stop);
        Assert.Equal((true, false, false), (body.CanRead, body.CanSeek, body.CanWrite));
        var read = new List<byte>();
        var buffer = new byte[3];
        while (await ReadAsync(body, buffer, way) is > 0 and var count)
            read.AddRange(buffer.AsSpan(0, count));
        Assert.Equal("hello"u8.ToArray(), read);
        Assert.Equal(Success, calls.Window);
    }

    [Fact]
    public async Task A_synchronous_client_is_guarded_too()
    {
        await using var server = await AnsweringServer.StartAsync(context => context.Response.WriteAsync("hello"));
        using var calls = new HttpCalls();
        using var http = calls.To(server);
        using (var request = new HttpRequestMessage(HttpMethod.Get, "/"))
        using (var response = http.Send(request, Stop))
        using (var copy = new MemoryStream())
        {
            response.Content.ReadAsStream(Stop).CopyTo(copy);
            Assert.Equal("hello"u8.ToArray(), copy.ToArray());
        }

        Assert.Equal(Success, calls.Window);
        calls.Breaker.Trip("test");
        using var refused = new HttpRequestMessage(HttpMethod.Get, "/");
        Assert.Throws<BreakerOpenException>(() => http.Send(refused, Stop));
    }

    [Fact]
    public async Task A_synchronous_read_that_fails_is_a_failing_call()
    {
        var pipe = new Pipe();
        await pipe.Writer.CompleteAsync(new IOException("cut"));
        using var calls = new HttpCalls();
        using var http = calls.To(pipe);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        using var response = http.Send(request, HeadersRead, Stop);
        var exception = Assert.Throws<IOException>(() => response.Content.ReadAsStream(Stop).ReadByte());
        Assert.Same(exception, calls.Thrown);
        Assert.Equal(Failure, calls.Window);
    }

    [Fact]
    public async Task A_probe_outside_of_a_message_lasts_until_its_body_has_been_read()
    {
        using var calls = new HttpCalls(options => options.Probes = 1);
        using var http = calls.To(new StringContent("hello"));
        calls.Breaker.Isolate("test");
        calls.Breaker.Release("test");
        using var response = await http.GetAsync("/", HeadersRead, Stop);
        Assert.Equal(BreakerState.HalfOpen, calls.Breaker.State);
        await response.Content.ReadAsStringAsync(Stop);
        Assert.Equal(BreakerState.Closed, calls.Breaker.State);
    }

    [Fact]
    public async Task A_body_belongs_to_its_message_wherever_it_is_read()
    {
        var pipe = new Pipe();
        await pipe.Writer.CompleteAsync(new IOException("cut"));
        using var calls = new HttpCalls();
        using var http = calls.To(pipe);
        var message = calls.BeginMessage(CancellationToken.None);
        using var response = await http.GetAsync("/", HeadersRead, Stop);
        InFlightMessage.Current = null;
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync(Stop));
        message.Conclude(exception, calls.Breaker.Now);
        Assert.Equal(AttemptResult.Failed, message.Attempts[0].Result);
        Assert.Equal(Failure, calls.Window);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_read_that_the_handler_cancels_counts_only_if_the_handler_fails_because_of_it(bool failsByIt)
    {
        using var calls = new HttpCalls();
        using var http = calls.To(new Pipe());
        var message = calls.BeginMessage(CancellationToken.None);
        using var response = await http.GetAsync("/", HeadersRead, Stop);
        var body = await response.Content.ReadAsStreamAsync(Stop);
        using var own = new CancellationTokenSource();
        var reading = body.ReadAsync(new byte[1], own.Token).AsTask();
        await own.CancelAsync();
        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        message.Conclude(failsByIt ? exception : null, calls.Breaker.Now);
        Assert.Equal(failsByIt ? Failure : Nothing, calls.Window);
    }

    [Fact]
    public async Task A_body_that_is_given_up_with_its_message_says_nothing()
    {
        using var stopping = new CancellationTokenSource();
        using var calls = new HttpCalls();
        using var http = calls.To(new Pipe());
        var message = calls.BeginMessage(stopping.Token);
        var reading = http.GetStringAsync(new Uri("/", UriKind.Relative), stopping.Token);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        message.Conclude(null, calls.Breaker.Now);
        Assert.Equal(Nothing, calls.Window);
    }

    [Fact]
    public async Task A_client_of_the_factory_is_guarded_by_AddBreaker()
    {
        await using var server = await AnsweringServer.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        var services = new ServiceCollection().AddMessagingBreaker(breakers => breakers.Add("payments"));
        services.AddHttpClient("payments", http => http.BaseAddress = server.Address).AddBreaker("payments");
        await using var provider = services.BuildServiceProvider();
        using var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("payments");
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("/", Stop));
        Assert.Equal(Failure, provider.GetRequiredService<BreakerRegistry>().Get("payments").GetSnapshot().Window);
    }

    static HttpClient Over(HttpProtocols protocols, HttpClient http)
    {
        if (protocols != HttpProtocols.Http2)
            return http;
        http.DefaultRequestVersion = HttpVersion.Version20;
        http.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        return http;
    }

    static async Task<int> ReadAsync(Stream body, byte[] buffer, int way)
    {
        switch (way)
        {
            case 0:
                return body.Read(buffer);
            case 1:
                return body.Read(buffer, 0, buffer.Length);
            case 2:
                Func<byte[], int, int, CancellationToken, Task<int>> read = body.ReadAsync;
                return await read(buffer, 0, buffer.Length, Stop);
            case 3:
                return await Task.Factory.FromAsync(body.BeginRead, body.EndRead, buffer, 0, buffer.Length, null);
            default:
                if (body.ReadByte() is not (>= 0 and var one))
                    return 0;
                buffer[0] = (byte)one;
                return 1;
        }
    }

    /// <summary>Content of unknown length.</summary>
    sealed class Unmeasured(string text) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            stream.WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    sealed class Unzip : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            response.Content = new StreamContent(
                new GZipStream(await response.Content.ReadAsStreamAsync(cancellationToken), CompressionMode.Decompress));
            return response;
        }
    }
}
