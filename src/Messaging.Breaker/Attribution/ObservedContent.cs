using System.Net;
using Messaging.Breaker.Classifying;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Attribution;

/// <summary>
/// The content of a response. Its call ends when the content has been read to the end, when reading fails, or when it is disposed,
/// whichever comes first.
/// </summary>
sealed class ObservedContent : HttpContent
{
    readonly HttpCall _call;
    readonly HttpResponseMessage _response;
    readonly HttpContent _content;
    readonly bool _isGrpc;
    // Negative if the length is unknown, or if more than the length has to be awaited.
    long _left;
    CancellationToken _reading;
    bool _hasEnded;

    /// <param name="call">The call.</param>
    /// <param name="response">Its response, whose content this replaces.</param>
    public ObservedContent(HttpCall call, HttpResponseMessage response)
    {
        _call = call;
        _response = response;
        _content = response.Content;
        _isGrpc = GrpcOutcome.IsGrpc(_content);
        _left = _isGrpc ? -1 : _content.Headers.ContentLength ?? -1;
        foreach (var (name, values) in _content.Headers.NonValidated)
            if (values.Count == 1)
                Headers.TryAddWithoutValidation(name, values.ToString());
            else
                Headers.TryAddWithoutValidation(name, values);
    }

    /// <summary>A read begins.</summary>
    public void BeginRead(CancellationToken cancellationToken) => _reading = cancellationToken;

    /// <summary>A read has succeeded.</summary>
    public void EndRead(int count, int wanted)
    {
        _reading = default;
        _left -= count;
        if ((count == 0 && wanted > 0) || (count > 0 && _left == 0))
            Complete();
    }

    /// <summary>A read has failed.</summary>
    /// <param name="exception">What its reader gets.</param>
    /// <param name="reader">The token that the reader cancels when it loses interest.</param>
    public void Fail(Exception exception, CancellationToken reader)
    {
        _reading = default;
        // The rest are the reader's mistakes: a wrong argument, or a second read of content that can be read only once.
        if (exception is not (ArgumentException or InvalidOperationException or NotSupportedException) && TryEnd())
            _call.End(exception, reader);
    }

    /// <summary>Nobody will read further.</summary>
    public void Abandon()
    {
        var reading = _reading;
        if (!TryEnd())
            return;
        // A gRPC client that cancels a read disposes of the response before the read has noticed.
        if (reading.IsCancellationRequested)
            _call.End(new OperationCanceledException(reading), reading);
        else
            _call.End(new Classification(Outcome.Success));
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var target = new CopyTarget(stream);
        try
        {
            await _content.CopyToAsync(target, context, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            FailToCopy(target, exception, cancellationToken);
            throw;
        }

        Complete();
    }

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var target = new CopyTarget(stream);
        try
        {
            _content.CopyTo(target, context, cancellationToken);
        }
        catch (Exception exception)
        {
            FailToCopy(target, exception, cancellationToken);
            throw;
        }

        Complete();
    }

    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(CancellationToken.None);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken)
    {
        try
        {
            return new ObservedStream(this, await _content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            Fail(exception, cancellationToken);
            throw;
        }
    }

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken)
    {
        try
        {
            return new ObservedStream(this, _content.ReadAsStream(cancellationToken));
        }
        catch (Exception exception)
        {
            Fail(exception, cancellationToken);
            throw;
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        var known = _content.Headers.ContentLength;
        length = known ?? 0;
        return known is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // First, because the disposal makes a read in progress fail.
            Abandon();
            _content.Dispose();
        }

        base.Dispose(disposing);
    }

    void FailToCopy(CopyTarget target, Exception exception, CancellationToken cancellationToken)
    {
        if (target.HasFailed)
            Abandon();
        else
            // HttpClient copies with a token that its timeout cancels.
            Fail(exception, _isGrpc ? cancellationToken : CancellationToken.None);
    }

    void Complete()
    {
        if (TryEnd())
            _call.End(_isGrpc ? GrpcOutcome.Of(_response) : new Classification(Outcome.Success));
    }

    bool TryEnd() => !Interlocked.Exchange(ref _hasEnded, true);
}
