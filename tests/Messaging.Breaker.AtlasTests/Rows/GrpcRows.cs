using System.Buffers.Binary;
using Grpc.Core;
using Messaging.Breaker.AtlasTests.Cases;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.AtlasTests.Rows;

/// <summary>How gRPC services fail. Their HTTP status is always 200, and the deadline of a call is one second.</summary>
static class GrpcRows
{
    const string Group = "gRPC";
    const string ByStatus = "the status in the trailers";
    const string ByOthers = "no message gets through";

    static readonly Marshaller<byte[]> Bytes = Marshallers.Create<byte[]>(static value => value, static value => value);
    static readonly string Healthy = HttpServer.Add(async context =>
    {
        await WriteMessageAsync(context);
        context.Response.AppendTrailer("grpc-status", "0");
    });

    public static IEnumerable<Row> All =>
    [
        OfStatus("UNAVAILABLE in a trailers-only response", StatusCode.Unavailable, "the status in the headers"),
        Answering("UNAVAILABLE after the stream has begun", ByStatus, async context =>
        {
            await WriteMessageAsync(context);
            context.Response.AppendTrailer("grpc-status", $"{(int)StatusCode.Unavailable}");
        }),
        Answering("the stream is cut", "the exception, in the body", async context =>
        {
            await WriteMessageAsync(context);
            context.Abort();
        }),
        Answering("it hangs until the deadline", "DEADLINE_EXCEEDED", HttpServer.HangAsync),
        Answering("the stream hangs until the deadline", "DEADLINE_EXCEEDED, in the body", async context =>
        {
            await WriteMessageAsync(context);
            await HttpServer.HangAsync(context);
        }),
        Answering("RESOURCE_EXHAUSTED with grpc-retry-pushback-ms", "the status; where calls are attributed, at once and for as long as the service asks", context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = $"{(int)StatusCode.ResourceExhausted}";
            context.Response.Headers["grpc-retry-pushback-ms"] = "500";
            return Task.CompletedTask;
        }) with { WholeOnly = "the service asks all callers to wait" },
        OfStatus("INTERNAL", StatusCode.Internal, "the status in the headers"),
        OfStatus("UNKNOWN", StatusCode.Unknown, "the status in the headers"),
        OfStatus("DATA_LOSS", StatusCode.DataLoss, "the status in the headers"),
        OfStatus("UNAUTHENTICATED", StatusCode.Unauthenticated, ByOthers),
        OfStatus("PERMISSION_DENIED", StatusCode.PermissionDenied, ByOthers),
        OfStatus("UNIMPLEMENTED, after a deployment of the service", StatusCode.Unimplemented, ByOthers),
        Answering("a proxy answers with a maintenance page and status 200", "an answer that is not gRPC", context =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<!doctype html><title>Down for maintenance</title>");
        }),
    ];

    static Row OfStatus(string fails, StatusCode status, string recognised) => Answering(fails, recognised, context =>
    {
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = $"{(int)status}";
        return Task.CompletedTask;
    });

    static Row Answering(string fails, string recognised, RequestDelegate answer)
    {
        var path = HttpServer.Add(answer);
        return new Row(Group, fails, recognised, async () => new GrpcDependency((await HttpServer.AddressesAsync())[2], path));
    }

    /// <summary>One empty message: a frame of five zeros.</summary>
    static async Task WriteMessageAsync(HttpContext context)
    {
        var frame = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), 0);
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(frame);
        await context.Response.Body.FlushAsync();
    }

    /// <summary>Stands in for a generated client.</summary>
    sealed class Client(CallInvoker invoker)
    {
        public async Task ReadAsync(string service, TimeSpan timeout, CancellationToken cancellationToken)
        {
            var method = new Method<byte[], byte[]>(MethodType.ServerStreaming, service, "Get", Bytes, Bytes);
            var options = new CallOptions(deadline: DateTime.UtcNow + timeout, cancellationToken: cancellationToken);
            using var call = invoker.AsyncServerStreamingCall(method, null, options, []);
            while (await call.ResponseStream.MoveNext(cancellationToken))
                continue;
        }
    }

    sealed class GrpcDependency(Uri address, string failing) : Dependency
    {
        public override void AddTo(IServiceCollection services)
        {
            var client = services.AddGrpcClient<Client>(options => options.Address = address);
            if (IsAttributed)
                client.AddBreaker(Name);
        }

        public override Task HandleAsync(IServiceProvider services, int number, CancellationToken cancellationToken) =>
            services.GetRequiredService<Client>().ReadAsync(
                (Fails(number) ? failing : Healthy)[1..], TimeoutOf(number), cancellationToken);
    }
}
