using System.Buffers.Binary;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Net.Client;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Classifying;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Attribution;

public class GrpcTests
{
    const string GrpcType = "application/grpc";

    static readonly WindowSnapshot Nothing = new(0, 0, 0);
    static readonly WindowSnapshot Success = new(1, 0, 0);
    static readonly WindowSnapshot Failure = new(1, 1, 0);

    static readonly Marshaller<byte[]> Bytes = Marshallers.Create<byte[]>(static value => value, static value => value);
    static readonly Method<byte[], byte[]> Get = new(MethodType.Unary, "shop.Payments", "Get", Bytes, Bytes);
    static readonly Method<byte[], byte[]> Watch = new(MethodType.ServerStreaming, "shop.Payments", "Watch", Bytes, Bytes);
    static readonly Method<byte[], byte[]> Send = new(MethodType.ClientStreaming, "shop.Payments", "Send", Bytes, Bytes);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<StatusCode, int, int> Statuses => new()
    {
        { StatusCode.OK, 1, 0 },
        { StatusCode.Cancelled, 1, 0 },
        { StatusCode.Unknown, 1, 1 },
        { StatusCode.InvalidArgument, 1, 0 },
        { StatusCode.DeadlineExceeded, 1, 1 },
        { StatusCode.NotFound, 1, 0 },
        { StatusCode.AlreadyExists, 1, 0 },
        { StatusCode.PermissionDenied, 0, 0 },
        { StatusCode.ResourceExhausted, 1, 1 },
        { StatusCode.FailedPrecondition, 1, 0 },
        { StatusCode.Aborted, 1, 0 },
        { StatusCode.OutOfRange, 1, 0 },
        { StatusCode.Unimplemented, 1, 0 },
        { StatusCode.Internal, 1, 1 },
        { StatusCode.Unavailable, 1, 1 },
        { StatusCode.DataLoss, 1, 1 },
        { StatusCode.Unauthenticated, 0, 0 },
    };

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task A_status_in_the_trailers_decides(StatusCode status, int total, int failures)
    {
        await using var server = await ServeAsync(async context =>
        {
            await WriteAsync(context, "hello"u8.ToArray());
            context.Response.AppendTrailer("grpc-status", $"{(int)status}");
        });
        using var calls = new HttpCalls();
        using var channel = Open(calls, server);
        Assert.Equal(status, await StatusOfAsync(channel));
        Assert.Equal(new WindowSnapshot(total, failures, 0), calls.Window);
        Assert.Equal(1 - total, calls.Breaker.Ignored);
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task A_status_in_the_headers_decides_where_there_is_no_body(StatusCode status, int total, int failures)
    {
        await using var server = await ServeAsync(context =>
        {
            context.Response.Headers["grpc-status"] = $"{(int)status}";
            return Task.CompletedTask;
        });
        using var calls = new HttpCalls();
        using var channel = Open(calls, server);
        await StatusOfAsync(channel);
        Assert.Equal(new WindowSnapshot(total, failures, 0), calls.Window);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("fine")]
    [InlineData("-1")]
    [InlineData("17")]
    public async Task An_answer_without_a_valid_status_is_a_failure(string? status)
    {
        await using var server = await ServeAsync(async context =>
        {
            await WriteAsync(context, "hello"u8.ToArray());
            if (status is not null)
                context.Response.AppendTrailer("grpc-status", status);
        });
        using var calls = new HttpCalls();
        using var channel = Open(calls, server);
        await StatusOfAsync(channel);
        Assert.Equal(Failure, calls.Window);
    }

    [Theory]
    [InlineData(200, GrpcType + "+proto", 0)]
    [InlineData(200, GrpcType + "; charset=utf-8", 0)]
    [InlineData(200, "text/html", 1)]
    [InlineData(200, GrpcType + "-web", 1)]
    [InlineData(404, "text/html", 0)]
    [InlineData(503, "text/html", 1)]
    public async Task An_answer_that_is_not_gRPC_is_a_failure_unless_its_status_rejects_the_request(int httpStatus, string contentType, int failures)
    {
        await using var server = await AnsweringServer.StartAsync(
            async context =>
            {
                context.Response.StatusCode = httpStatus;
                context.Response.ContentType = contentType;
                await context.Response.Body.WriteAsync(Frame("hello"u8.ToArray()));
                context.Response.AppendTrailer("grpc-status", "0");
            },
            HttpProtocols.Http2);
        using var calls = new HttpCalls();
        using var channel = Open(calls, server);
        await StatusOfAsync(channel);
        Assert.Equal(failures, calls.Window.Failures);
        Assert.Equal(1, calls.Window.Total);
    }

    [Theory]
    [InlineData("1500", 1.5)]
    [InlineData("2000000000", 3_600)]
    public async Task A_failure_that_asks_for_time_trips_at_once(string pushback, double seconds)
    {
        foreach (var isTrailersOnly in new[] { false, true })
        {
            await using var server = await ServeAsync(context => FailAsync(context, StatusCode.Unavailable, pushback, isTrailersOnly));
            using var calls = new HttpCalls(options => options.BreakDuration = TimeSpan.FromSeconds(1));
            using var channel = Open(calls, server);
            Assert.Equal(StatusCode.Unavailable, await StatusOfAsync(channel));
            var snapshot = calls.Breaker.GetSnapshot();
            Assert.Equal(BreakerState.Open, snapshot.State);
            Assert.Equal(TimeSpan.FromSeconds(seconds), snapshot.NextProbeAt - calls.Time.GetUtcNow());
            Assert.Contains("UNAVAILABLE", snapshot.Reason, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(StatusCode.Unavailable, "-1", 1)]
    [InlineData(StatusCode.Unavailable, "soon", 1)]
    [InlineData(StatusCode.Unavailable, "0", 1)]
    [InlineData(StatusCode.NotFound, "1500", 0)]
    public async Task Any_other_pushback_asks_for_nothing(StatusCode status, string pushback, int failures)
    {
        await using var server = await ServeAsync(context => FailAsync(context, status, pushback, isTrailersOnly: true));
        using var calls = new HttpCalls();
        using var channel = Open(calls, server);
        Assert.Equal(status, await StatusOfAsync(channel));
        Assert.Equal(new WindowSnapshot(1, failures, 0), calls.Window);
        Assert.Equal(BreakerState.Closed, calls.Breaker.State);
    }

    [Fact]
    public async Task A_streaming_call_ends_with_its_stream()
    {
        var goOn = new TaskCompletionSource();
        await using var server = await ServeAsync(async context =>
        {
            await WriteAsync(context, "first"u8.ToArray());
            await goOn.Task;
            await WriteAsync(context, "last"u8.ToArray());
            context.Response.AppendTrailer("grpc-status", "0");
        });
        using var calls = new HttpCalls();
        using var channel = Open(calls, server);
        using var call = channel.CreateCallInvoker().AsyncServerStreamingCall(Watch, null, default, []);
        Assert.True(await call.ResponseStream.MoveNext(Stop));
        Assert.Equal(Nothing, calls.Window);
        goOn.SetResult();
        Assert.True(await call.ResponseStream.MoveNext(Stop));
        Assert.False(await call.ResponseStream.MoveNext(Stop));
        Assert.Equal(Success, calls.Window);
    }

    [Fact]
    public async Task A_stream_that_the_client_writes_ends_with_its_answer()
    {
        await using var server = await ServeAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await WriteAsync(context, "thanks"u8.ToArray());
            context.Response.AppendTrailer("grpc-status", "0");
        });
        using var calls = new HttpCalls();
        using var channel = Open(calls, server);
        using var call = channel.CreateCallInvoker().AsyncClientStreamingCall(Send, null, default);
        await call.RequestStream.WriteAsync("one"u8.ToArray(), Stop);
        await call.RequestStream.WriteAsync("two"u8.ToArray(), Stop);
        Assert.Equal(Nothing, calls.Window);
        await call.RequestStream.CompleteAsync();
        Assert.Equal("thanks"u8.ToArray(), await call);
        Assert.Equal(Success, calls.Window);
    }

    [Fact]
    public async Task A_stream_that_is_cut_is_a_failing_call()
    {
        var goOn = new TaskCompletionSource();
        await using var server = await ServeAsync(async context =>
        {
            await WriteAsync(context, "first"u8.ToArray());
            await goOn.Task;
            context.Abort();
        });
        using var calls = new HttpCalls();
        using var channel = Open(calls, server);
        using var call = channel.CreateCallInvoker().AsyncServerStreamingCall(Watch, null, default, []);
        Assert.True(await call.ResponseStream.MoveNext(Stop));
        goOn.SetResult();
        var exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Stop));
        Assert.Equal(Failure, calls.Window);
        Assert.Contains(calls.Thrown, ExceptionChain.Of(exception));
    }

    [Fact]
    public async Task A_stream_that_its_client_stops_between_two_reads_has_succeeded()
    {
        await using var server = await ServeAsync(HangInTheBodyAsync);
        using var calls = new HttpCalls();
        using var channel = Open(calls, server);
        var call = channel.CreateCallInvoker().AsyncServerStreamingCall(Watch, null, default, []);
        Assert.True(await call.ResponseStream.MoveNext(Stop));
        call.Dispose();
        await Eventually.Is(() => calls.Window, window => window == Success, "the call to end as a success");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_read_of_a_stream_that_its_client_stops_is_not_a_failing_call(bool isDisposed, bool hasDeadline)
    {
        await using var server = await ServeAsync(HangInTheBodyAsync);
        using var calls = new HttpCalls();
        using var channel = Open(calls, server);
        using var own = new CancellationTokenSource();
        var options = new CallOptions(deadline: hasDeadline ? InTheFuture(TimeSpan.FromHours(1)) : null, cancellationToken: own.Token);
        using var call = channel.CreateCallInvoker().AsyncServerStreamingCall(Watch, null, options, []);
        Assert.True(await call.ResponseStream.MoveNext(Stop));
        var reading = call.ResponseStream.MoveNext(Stop);
        if (isDisposed)
            call.Dispose();
        else
            await own.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => reading);
        await Eventually.Is(() => calls.Breaker.Ignored, ignored => ignored == 1, "the call to end without an outcome");
        Assert.Equal(Nothing, calls.Window);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_that_breaks_off_while_its_client_stops_it_is_not_a_failing_call(bool isStopped)
    {
        using var own = new CancellationTokenSource();
        using var calls = new HttpCalls();
        using var client = calls.To(() =>
        {
            if (isStopped)
                own.Cancel();
            throw new HttpRequestException("The connection was closed.");
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new ByteArrayContent([]) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(GrpcType);
        await Assert.ThrowsAnyAsync<Exception>(() => client.SendAsync(request, own.Token));
        Assert.Equal(isStopped ? Nothing : Failure, calls.Window);
        Assert.Equal(isStopped ? 1 : 0, calls.Breaker.Ignored);
    }

    [Fact]
    public async Task A_call_that_its_client_stops_before_the_headers_is_not_a_failing_call()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ServeAsync(context =>
        {
            arrived.TrySetResult();
            return AnsweringServer.HangAsync(context);
        });
        using var calls = new HttpCalls();
        using var channel = Open(calls, server);
        using var own = new CancellationTokenSource();
        var options = new CallOptions(cancellationToken: own.Token);
        using var call = channel.CreateCallInvoker().AsyncServerStreamingCall(Watch, null, options, []);
        var reading = call.ResponseStream.MoveNext(Stop);
        await arrived.Task.WaitAsync(Stop);
        await own.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => reading);
        await Eventually.Is(() => calls.Breaker.Ignored, ignored => ignored == 1, "the call to end without an outcome");
        Assert.Equal(Nothing, calls.Window);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_deadline_that_passes_is_a_failing_call(bool hasHeaders)
    {
        await using var server = await ServeAsync(hasHeaders ? HangInTheBodyAsync : AnsweringServer.HangAsync);
        using var calls = new HttpCalls(time: TimeProvider.System);
        using var channel = Open(calls, server);
        Assert.Equal(StatusCode.DeadlineExceeded, await StatusOfAsync(channel, InTheFuture(TimeSpan.FromSeconds(2))));
        await Eventually.Is(() => calls.Window, window => window == Failure, "the call to end as a failure");
    }

    [Theory]
    [InlineData("2H", 7_200.0)]
    [InlineData("3M", 180.0)]
    [InlineData("4S", 4.0)]
    [InlineData("5m", 0.005)]
    [InlineData("6u", 0.000_006)]
    [InlineData("7000n", 0.000_007)]
    [InlineData("8", null)]
    [InlineData("S", null)]
    [InlineData("", null)]
    public void A_deadline_is_read_from_its_header(string header, double? seconds)
    {
        using var request = new HttpRequestMessage();
        request.Headers.TryAddWithoutValidation("grpc-timeout", header);
        Assert.Equal(seconds, GrpcOutcome.TimeoutOf(request)?.TotalSeconds);
    }

    [Fact]
    public async Task A_gRPC_client_of_the_factory_is_guarded_by_AddBreaker()
    {
        await using var server = await ServeAsync(context => FailAsync(context, StatusCode.Unavailable, "60000", isTrailersOnly: false));
        var services = new ServiceCollection().AddMessagingBreaker(breakers => breakers.Add("payments"));
        services.AddGrpcClient<Payments>(options => options.Address = server.Address).AddBreaker("payments");
        await using var provider = services.BuildServiceProvider();
        var payments = provider.GetRequiredService<Payments>();
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(payments.GetAsync)).StatusCode);
        Assert.Equal(BreakerState.Open, provider.GetRequiredService<BreakerRegistry>().Get("payments").State);
        var refused = await Assert.ThrowsAsync<RpcException>(payments.GetAsync);
        Assert.IsType<BreakerOpenException>(refused.InnerException);
    }

    static Task<AnsweringServer> ServeAsync(RequestDelegate answer) => AnsweringServer.StartAsync(
        context =>
        {
            context.Response.ContentType = GrpcType;
            return answer(context);
        },
        HttpProtocols.Http2);

    static GrpcChannel Open(HttpCalls calls, AnsweringServer server) => GrpcChannel.ForAddress(
        server.Address, new GrpcChannelOptions { HttpHandler = calls.Handler(new SocketsHttpHandler()), DisposeHttpClient = true });

    static async Task<StatusCode> StatusOfAsync(GrpcChannel channel, DateTime? deadline = null)
    {
        try
        {
            using var call = channel.CreateCallInvoker().AsyncUnaryCall(Get, null, new CallOptions(deadline: deadline), []);
            await call;
            return StatusCode.OK;
        }
        catch (RpcException exception)
        {
            return exception.StatusCode;
        }
    }

    static DateTime InTheFuture(TimeSpan distance) => TimeProvider.System.GetUtcNow().UtcDateTime + distance;

    static async Task FailAsync(HttpContext context, StatusCode status, string pushback, bool isTrailersOnly)
    {
        if (!isTrailersOnly)
            await WriteAsync(context, []);
        var headers = new Dictionary<string, string> { ["grpc-status"] = $"{(int)status}", ["grpc-retry-pushback-ms"] = pushback };
        foreach (var (name, value) in headers)
            if (isTrailersOnly)
                context.Response.Headers[name] = value;
            else
                context.Response.AppendTrailer(name, value);
    }

    static async Task HangInTheBodyAsync(HttpContext context)
    {
        await WriteAsync(context, "first"u8.ToArray());
        await AnsweringServer.HangAsync(context);
    }

    static async Task WriteAsync(HttpContext context, byte[] message)
    {
        await context.Response.Body.WriteAsync(Frame(message));
        await context.Response.Body.FlushAsync();
    }

    /// <summary>A message with its prefix, which says that it is not compressed and gives its length.</summary>
    static byte[] Frame(byte[] message)
    {
        var frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    sealed class Payments(CallInvoker invoker)
    {
        public async Task GetAsync() => await invoker.AsyncUnaryCall(Get, null, default, []);
    }
}
