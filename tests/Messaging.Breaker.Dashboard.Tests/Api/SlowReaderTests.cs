using Messaging.Breaker.Dashboard.Api;
using Messaging.Breaker.Dashboard.State;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Breaker.Dashboard.Tests.Api;

public sealed class SlowReaderTests
{
    [Fact]
    public async Task Nothing_is_buffered_for_a_reader_that_does_not_read()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMessagingBreaker(breakers =>
        {
            for (var number = 0; number < 2_000; number++)
                breakers.Add($"breaker-{number}");
        }).AddMessagingBreakerDashboard();
        using var host = builder.Build();
        var recorder = host.Services.GetRequiredService<Recorder>();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var connection = new Connection(room: 64 * 1024);
        var context = new DefaultHttpContext { Response = { Body = connection } };

        var writing = EventStream.WriteAsync(context.Response, recorder, host.Services.GetRequiredService<History>(), leaving.Token);
        await connection.IsFull.WaitAsync(TestContext.Current.CancellationToken);
        Assert.InRange(recorder.Latest.Json.Length, 200_000, int.MaxValue);
        Assert.InRange(connection.Taken, 64 * 1024, 80 * 1024);

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
    }

    /// <summary>Accepts writes until it is full, as a web server's connection does. The write that fills it never ends.</summary>
    sealed class Connection(int room) : Stream
    {
        readonly TaskCompletionSource _full = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Taken { get; private set; }

        public Task IsFull => _full.Task;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Taken += buffer.Length;
            if (Taken < room)
                return;
            _full.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
