namespace Messaging.Breaker.DeadLetters;

/// <summary>Groups messages as they are read, and keeps the figures and the first message of each group.</summary>
sealed class DeadLetterGrouping(bool withBodies)
{
    const int MostGroups = 500;

    readonly Dictionary<string, Group> _groups = [];

    public long Messages { get; private set; }

    public long Ungrouped { get; private set; }

    public IReadOnlyList<DeadLetterGroup> Groups => [.. _groups.Values.OrderByDescending(group => group.Count).Select(group => group.ToReport())];

    /// <summary>Whether the message would be its group's sample.</summary>
    public bool IsFirst(DeadLetter letter) => !_groups.ContainsKey(letter.Fault.Key) && _groups.Count < MostGroups;

    public void Add(DeadLetter letter)
    {
        Messages++;
        if (!_groups.TryGetValue(letter.Fault.Key, out var group))
        {
            if (_groups.Count >= MostGroups)
            {
                Ungrouped++;
                return;
            }

            _groups.Add(letter.Fault.Key, group = new Group(letter.Fault, letter.ToSample(withBodies)));
        }

        group.Add(letter.Fault.At);
    }

    sealed class Group(FaultDetails fault, DeadLetterSample sample)
    {
        DateTimeOffset? _first;
        DateTimeOffset? _last;

        public long Count { get; private set; }

        public DeadLetterGroup ToReport() => new()
        {
            Key = fault.Key,
            Exception = fault.Exception,
            MessageType = fault.MessageType,
            Text = fault.Text,
            Count = Count,
            First = _first,
            Last = _last,
            Consumer = fault.Consumer,
            Host = fault.Host,
            Sample = sample,
        };

        public void Add(DateTimeOffset? at)
        {
            Count++;
            if (at is null)
                return;
            _first = _first < at ? _first : at;
            _last = _last > at ? _last : at;
        }
    }
}
