-- The five questions asked of delivery-events most often. Standard SQL, over a table or view `events` of all files
-- that examples/follow.py wrote (in DuckDB: CREATE VIEW events AS SELECT DISTINCT * FROM 'events/*.parquet').
-- Texts of test bookings are left out. A text is (text_id, plan_version).

-- 1. How did the texts end? Planned is the sum of the ends and of what is still open.
WITH ends AS (
    SELECT text_id, plan_version,
           MAX(CASE state WHEN 'accepted' THEN 5 WHEN 'rejected' THEN 4 WHEN 'suppressed' THEN 3 WHEN 'expired' THEN 2
                          WHEN 'unresolved' THEN 1 ELSE 0 END) AS weight
    FROM events WHERE NOT is_test GROUP BY text_id, plan_version
)
SELECT CASE weight WHEN 5 THEN 'accepted' WHEN 4 THEN 'rejected' WHEN 3 THEN 'suppressed' WHEN 2 THEN 'expired'
                   WHEN 1 THEN 'unresolved' ELSE 'open' END AS ended, COUNT(*) AS texts
FROM ends GROUP BY weight ORDER BY texts DESC;

-- 2. Why did some not go?
SELECT workspace_id, kind, state, reason, COUNT(DISTINCT text_id) AS texts
FROM events WHERE NOT is_test AND state IN ('suppressed', 'expired', 'rejected')
GROUP BY workspace_id, kind, state, reason ORDER BY texts DESC;

-- 3. How late were they, by kind? (A second try after a loss in the network is not final.)
SELECT kind, COUNT(*) AS accepted, AVG(lateness_s) AS mean_s, MAX(lateness_s) AS worst_s
FROM events WHERE NOT is_test AND state = 'accepted' AND final GROUP BY kind ORDER BY kind;

-- 4. How many of those accepted were delivered, and how many is nothing known of?
SELECT kind, COUNT(DISTINCT CASE WHEN state = 'accepted' THEN text_id END) AS accepted,
       COUNT(DISTINCT CASE WHEN state = 'delivered' THEN text_id END) AS delivered,
       COUNT(DISTINCT CASE WHEN state IN ('undelivered', 'failed') THEN text_id END) AS not_delivered
FROM events WHERE NOT is_test GROUP BY kind ORDER BY kind;

-- 5. What did it cost, in segments, by workspace and day: predicted, and billed as far as reported?
SELECT workspace_id, SUBSTR(CAST("at" AS VARCHAR), 1, 10) AS day,
       SUM(CASE WHEN state = 'accepted' THEN segments_predicted ELSE 0 END) AS predicted,
       SUM(CASE WHEN state = 'delivered' THEN segments_billed ELSE 0 END) AS billed
FROM events WHERE NOT is_test GROUP BY workspace_id, SUBSTR(CAST("at" AS VARCHAR), 1, 10) ORDER BY day, workspace_id;
