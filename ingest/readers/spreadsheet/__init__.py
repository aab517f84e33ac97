"""What every reader of workbooks needs: opening, cells, labels, tables, who reports for when."""
