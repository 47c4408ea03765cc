using System.Collections.Concurrent;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.DeadLetters;

/// <summary>
/// Counts, for each trip of a breaker, the messages that end in <c>_error</c> of its endpoints, and reports them to the ledger. Thread-safe.
/// </summary>
sealed class TripRecorder
{
    const int MostTrips = 200;

    readonly IEndpointRegistry _endpoints;
    readonly LedgerKeeper _keeper;
    readonly FleetLedger _fleet;
    readonly TimeProvider _time;
    readonly Lock _lock = new();
    readonly ConcurrentDictionary<string, EndpointFaults> _faults = new();
    readonly LinkedList<Trip> _trips = [];
    readonly Dictionary<string, Trip> _open = new(StringComparer.OrdinalIgnoreCase);

    public TripRecorder(BreakerRegistry breakers, IEndpointRegistry endpoints, LedgerKeeper keeper, FleetLedger fleet, TimeProvider time)
    {
        (_endpoints, _keeper, _fleet, _time) = (endpoints, keeper, fleet, time);
        breakers.Listen(Note);
    }

    /// <summary>The latest first.</summary>
    public IReadOnlyList<DeadLetterTrip> Trips
    {
        get
        {
            lock (_lock)
                return [.. _trips.Where(trip => trip.IsListed).Select(trip => trip.ToEntry(_fleet.Instance))];
        }
    }

    public EndpointFaults Of(string endpoint) => _faults.GetOrAdd(endpoint, _ => new EndpointFaults(_time));

    /// <summary>A message of the endpoint went to <c>_error</c>.</summary>
    public void Add(string endpoint, EndpointFaults faults, FaultDetails fault)
    {
        faults.Add(fault);
        lock (_lock)
        {
            if (_open.Count == 0)
                return;
            foreach (var breaker in BreakersOf(endpoint))
                if (_open.TryGetValue(breaker, out var trip))
                    trip.Faults.Add(fault);
        }
    }

    void Note(Transition transition)
    {
        lock (_lock)
        {
            if (_open.TryGetValue(transition.Breaker, out var trip))
                Continue(trip, transition);
            else if (transition is { Mode: BreakerMode.Enforcing, To: BreakerState.Open or BreakerState.Isolated })
                Begin(transition);
        }
    }

    void Begin(Transition transition)
    {
        var trip = new Trip(transition);
        foreach (var (endpoint, faults) in _faults)
            if (BreakersOf(endpoint).Contains(transition.Breaker, StringComparer.OrdinalIgnoreCase))
                faults.AddInARowTo(trip.Faults);
        _open.Add(transition.Breaker, trip);
        _trips.AddFirst(trip);
        if (_trips.Count > MostTrips)
            _trips.RemoveLast();
        Keep(trip);
    }

    void Continue(Trip trip, Transition transition)
    {
        if (transition.To == BreakerState.Open)
            trip.Reopens++;
        if (transition.To == BreakerState.Closed || transition.Mode != BreakerMode.Enforcing)
        {
            trip.Ended = transition.At;
            _open.Remove(transition.Breaker);
        }

        if (transition.To != BreakerState.HalfOpen)
            Keep(trip);
    }

    void Keep(Trip trip)
    {
        if (trip.IsListed)
            _keeper.Keep(LedgerFormat.Trips, trip.Id, () => (LedgerFormat.Write(Snapshot(trip)), IsFinal: true));
    }

    DeadLetterTrip Snapshot(Trip trip)
    {
        lock (_lock)
            return trip.ToEntry(_fleet.Instance);
    }

    IEnumerable<string> BreakersOf(string endpoint) => _endpoints.Endpoints.Where(known => known.Name == endpoint).SelectMany(known => known.Breakers);

    sealed class Trip(Transition began)
    {
        public Guid Id { get; } = Guid.NewGuid();

        public FaultCounts Faults { get; } = new();

        public DateTimeOffset? Ended { get; set; }

        public int Reopens { get; set; }

        /// <summary>Trips that another instance decided are listed by that instance.</summary>
        public bool IsListed => began.Instance is null || Faults.Total > 0;

        public DeadLetterTrip ToEntry(string instance) => new()
        {
            Id = Id,
            Breaker = began.Breaker,
            Instance = instance,
            Reason = began.Reason,
            Began = began.At,
            Ended = Ended,
            Reopens = Reopens,
            DeadLetters = Faults.Total,
            Groups = Faults.Largest,
        };
    }
}
