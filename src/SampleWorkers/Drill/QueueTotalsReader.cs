using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using SampleWorkers.Transport;

namespace SampleWorkers.Drill;

/// <summary>Reads from the management API the one figure that AMQP does not tell: the number of unacknowledged messages.</summary>
sealed class QueueTotalsReader : IDisposable
{
    static readonly JsonSerializerOptions Snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    readonly HttpClient _http;
    readonly string _host;

    public QueueTotalsReader(BrokerAddress broker, Uri address)
    {
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{broker.User}:{broker.Password}"));
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(2) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", credentials);
        _host = Uri.EscapeDataString(broker.VirtualHost);
    }

    /// <summary>Why the API cannot be used for this queue; null if it can.</summary>
    public async Task<string?> FindObstacleAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync($"api/queues/{_host}/{Uri.EscapeDataString(queue)}", cancellationToken);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => null,
                HttpStatusCode.NotFound => "it does not know the queue, so it is another broker's",
                var status => string.Create(CultureInfo.InvariantCulture, $"it answered {(int)status} ({status})"),
            };
        }
        catch (Exception exception) when (IsNoAnswer(exception))
        {
            return exception.GetBaseException().Message;
        }
    }

    /// <summary>Read from the list, because RabbitMQ leaves the totals out of the answer for a single queue; null if they are not there.</summary>
    public async Task<QueueTotals?> ReadTotalsAsync(string queue, CancellationToken cancellationToken) =>
        (await ReadTotalsOfAsync(name => name == queue, cancellationToken))?.FirstOrDefault(found => found.MessagesUnacknowledged is not null);

    /// <summary>The totals of all queues whose name is wanted; null if the API does not answer.</summary>
    public async Task<IReadOnlyList<QueueTotals>?> ReadTotalsOfAsync(Func<string, bool> isWanted, CancellationToken cancellationToken)
    {
        try
        {
            var queues = await _http.GetFromJsonAsync<QueueTotals[]>($"api/queues/{_host}?disable_stats=true&enable_queue_totals=true", Snake, cancellationToken);
            return queues?.Where(queue => isWanted(queue.Name)).ToList();
        }
        catch (Exception exception) when (IsNoAnswer(exception))
        {
            return null; // One reading is missing; the next follows in a moment.
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The last two occur when the broker goes away in the middle of its answer.</summary>
    static bool IsNoAnswer(Exception exception) =>
        exception is HttpRequestException or IOException or JsonException || exception.InnerException is TimeoutException;
}

sealed record QueueTotals(string Name, long? MessagesReady, long? MessagesUnacknowledged);
