namespace Messaging.Breaker.Attribution;

/// <summary>Reads the body of a response, and reports each read to its content.</summary>
sealed class ObservedStream(ObservedContent content, Stream body) : Stream
{
    public override bool CanRead => body.CanRead;

    public override bool CanSeek => body.CanSeek;

    public override bool CanWrite => false;

    public override bool CanTimeout => body.CanTimeout;

    public override long Length => body.Length;

    public override long Position
    {
        get => body.Position;
        set => body.Position = value;
    }

    public override int ReadTimeout
    {
        get => body.ReadTimeout;
        set => body.ReadTimeout = value;
    }

    public override int Read(Span<byte> buffer)
    {
        content.BeginRead(CancellationToken.None);
        int count;
        try
        {
            count = body.Read(buffer);
        }
        catch (Exception exception)
        {
            content.Fail(exception, CancellationToken.None);
            throw;
        }

        content.EndRead(count, buffer.Length);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        return Read(one) == 0 ? -1 : one[0];
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        content.BeginRead(cancellationToken);
        int count;
        try
        {
            count = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            content.Fail(exception, cancellationToken);
            throw;
        }

        content.EndRead(count, buffer.Length);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override IAsyncResult BeginRead(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(ReadAsync(buffer, offset, count, CancellationToken.None), callback, state);

    public override int EndRead(IAsyncResult asyncResult) => TaskToAsyncResult.End<int>(asyncResult);

    public override long Seek(long offset, SeekOrigin origin) => body.Seek(offset, origin);

    public override void Flush() => body.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => body.FlushAsync(cancellationToken);

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        content.Abandon();
        await body.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            content.Abandon();
            body.Dispose();
        }

        base.Dispose(disposing);
    }
}
